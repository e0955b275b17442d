import type { GatewayConfig } from '#server/gateway-settings.ts';
import { audioForkEntry } from '#server/telephony/audio-fork/entry.ts';
import type { GatewayEntry } from '#server/telephony/desk.ts';
import { twilioEntry } from '#server/telephony/twilio/entry.ts';

/** Every gateway as the settings make it, for whoever looks at them while no server runs. */
export const gatewayEntries = (config: GatewayConfig, publicUrl: () => string): readonly GatewayEntry[] =>
	[twilioEntry, audioForkEntry].map((entry) => entry(config, publicUrl));
