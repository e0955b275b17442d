import type { GatewayConfig } from '#server/gateway-settings.ts';
import { asteriskEntry } from '#server/telephony/asterisk/entry.ts';
import { audioForkEntry } from '#server/telephony/audio-fork/entry.ts';
import { audiohookEntry } from '#server/telephony/audiohook/entry.ts';
import type { GatewayEntry } from '#server/telephony/desk.ts';
import { plivoEntry } from '#server/telephony/plivo/entry.ts';
import { rtpengineEntry } from '#server/telephony/rtpengine/entry.ts';
import { siprecEntry } from '#server/telephony/siprec/entry.ts';
import { telnyxEntry } from '#server/telephony/telnyx/entry.ts';
import { twilioEntry } from '#server/telephony/twilio/entry.ts';
import { vonageEntry } from '#server/telephony/vonage/entry.ts';

/** Every gateway as the settings make it, for whoever looks at them while no server runs. */
export const gatewayEntries = (config: GatewayConfig, publicUrl: () => string): readonly GatewayEntry[] => [
	twilioEntry(config, publicUrl),
	telnyxEntry(config, publicUrl),
	plivoEntry(config, publicUrl),
	audioForkEntry(config, publicUrl),
	vonageEntry(config, publicUrl),
	audiohookEntry(config, publicUrl),
	asteriskEntry(config, publicUrl),
	rtpengineEntry(config, publicUrl),
	siprecEntry(config, () => undefined),
];
