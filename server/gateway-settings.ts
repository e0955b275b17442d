import type { Setting, ValuesOf } from '#server/setting.ts';
import {
	type AsteriskConfig,
	asteriskConfig,
	asteriskProblems,
	asteriskSettings,
} from '#server/telephony/asterisk/settings.ts';
import { type AudioForkConfig, audioForkConfig, audioForkSettings } from '#server/telephony/audio-fork/settings.ts';
import {
	type AudiohookConfig,
	audiohookConfig,
	audiohookProblems,
	audiohookSettings,
} from '#server/telephony/audiohook/settings.ts';
import { type PlivoConfig, plivoConfig, plivoSettings } from '#server/telephony/plivo/settings.ts';
import { type RtpConfig, rtpConfig, rtpSettings } from '#server/telephony/rtp/settings.ts';
import {
	type RtpengineConfig,
	rtpengineConfig,
	rtpengineProblems,
	rtpengineSettings,
} from '#server/telephony/rtpengine/settings.ts';
import { type SiprecConfig, siprecConfig, siprecProblems, siprecSettings } from '#server/telephony/siprec/settings.ts';
import { type TelnyxConfig, telnyxConfig, telnyxSettings } from '#server/telephony/telnyx/settings.ts';
import { type TwilioConfig, twilioConfig, twilioProblems, twilioSettings } from '#server/telephony/twilio/settings.ts';
import { type VonageConfig, vonageConfig, vonageSettings } from '#server/telephony/vonage/settings.ts';

/** The settings of all gateways; each keeps its own table. */
export const gatewaySettings = {
	...twilioSettings,
	...telnyxSettings,
	...plivoSettings,
	...audioForkSettings,
	...vonageSettings,
	...audiohookSettings,
	...asteriskSettings,
	...siprecSettings,
	...rtpengineSettings,
	...rtpSettings,
} as const satisfies Record<string, Setting>;

export interface GatewayConfig
	extends TwilioConfig,
		TelnyxConfig,
		PlivoConfig,
		AudioForkConfig,
		VonageConfig,
		AudiohookConfig,
		AsteriskConfig,
		SiprecConfig,
		RtpengineConfig,
		RtpConfig {}

type Values = ValuesOf<typeof gatewaySettings>;

/** What is wrong with settings that are right one by one: a line each. */
export const gatewayProblems = (values: Values): string[] => [
	...twilioProblems(values),
	...audiohookProblems(values),
	...asteriskProblems(values),
	...siprecProblems(values),
	...rtpengineProblems(values),
];

export const gatewayConfig = (values: Values): GatewayConfig => ({
	...twilioConfig(values),
	...telnyxConfig(values),
	...plivoConfig(values),
	...audioForkConfig(values),
	...vonageConfig(values),
	...audiohookConfig(values),
	...asteriskConfig(values),
	...siprecConfig(values),
	...rtpengineConfig(values),
	...rtpConfig(values),
});
