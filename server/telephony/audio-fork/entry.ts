import { audioForkPath } from '#server/telephony/audio-fork/audio-fork.ts';
import type { AudioForkConfig } from '#server/telephony/audio-fork/settings.ts';
import { audioForkTestCall } from '#server/telephony/audio-fork/test-call.ts';
import { type GatewayEntry, socketAddress, type TestSignal } from '#server/telephony/desk.ts';

/** Audio forks as the administrator sees them. */
export const audioForkEntry = (config: AudioForkConfig, publicUrl: () => string): GatewayEntry => ({
	name: 'audiofork',
	title: 'jambonz and FreeSWITCH (audio fork)',
	on: config.audioForkKeys.length > 0,
	addresses: () => [{ what: 'WebSocket of each call', address: socketAddress(publicUrl(), audioForkPath) }],
	settings: [
		{ name: 'YCORD_AUDIO_FORK_KEY', isSet: config.audioForkKeys.length > 0 },
		{ name: 'YCORD_AUDIO_FORK_KEY_SECONDARY', isSet: config.audioForkKeys.length > 1 },
		{ name: 'YCORD_AUDIO_FORK_AGENT', isSet: config.audioForkAgent !== undefined },
	],
	abilities: { legs: 'both', silent: true, clock: false, hold: false, survey: false },
	guide: 'audio-fork.md',
	...(config.audioForkKeys[0] ? { testCall: testWith(config.audioForkKeys[0]) } : {}),
});

const testWith = (key: string) => (signal: TestSignal) => audioForkTestCall(key, signal);
