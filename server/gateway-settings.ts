import type { Setting, ValuesOf } from '#server/setting.ts';
import { type AudioForkConfig, audioForkConfig, audioForkSettings } from '#server/telephony/audio-fork/settings.ts';
import {
	type AudiohookConfig,
	audiohookConfig,
	audiohookProblems,
	audiohookSettings,
} from '#server/telephony/audiohook/settings.ts';
import { type RtpConfig, rtpConfig, rtpSettings } from '#server/telephony/rtp/settings.ts';
import { type SiprecConfig, siprecConfig, siprecProblems, siprecSettings } from '#server/telephony/siprec/settings.ts';
import { type TwilioConfig, twilioConfig, twilioProblems, twilioSettings } from '#server/telephony/twilio/settings.ts';

/** The settings of all gateways; each keeps its own table. */
export const gatewaySettings = {
	...twilioSettings,
	...audioForkSettings,
	...audiohookSettings,
	...siprecSettings,
	...rtpSettings,
} as const satisfies Record<string, Setting>;

export interface GatewayConfig extends TwilioConfig, AudioForkConfig, AudiohookConfig, SiprecConfig, RtpConfig {}

type Values = ValuesOf<typeof gatewaySettings>;

/** What is wrong with settings that are right one by one: a line each. */
export const gatewayProblems = (values: Values): string[] => [
	...twilioProblems(values),
	...audiohookProblems(values),
	...siprecProblems(values),
];

export const gatewayConfig = (values: Values): GatewayConfig => ({
	...twilioConfig(values),
	...audioForkConfig(values),
	...audiohookConfig(values),
	...siprecConfig(values),
	...rtpConfig(values),
});
