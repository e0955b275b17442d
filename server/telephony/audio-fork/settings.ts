import { given, personId, type Setting, token, type ValuesOf } from '#server/setting.ts';

/** What an operator sets for audio forks. */
export const audioForkSettings = {
	audioForkKey: {
		name: 'YCORD_AUDIO_FORK_KEY',
		schema: token,
		otherwise: 'none',
		meaning: 'The password with which jambonz or FreeSWITCH opens an audio fork here (HTTP Basic).',
		secret: true,
	},
	audioForkKeySecondary: {
		name: 'YCORD_AUDIO_FORK_KEY_SECONDARY',
		schema: token,
		otherwise: 'none',
		meaning: 'A second such password that is accepted too, while it is being changed.',
		secret: true,
	},
	audioForkAgent: {
		name: 'YCORD_AUDIO_FORK_AGENT',
		flag: 'audio-fork-agent',
		schema: personId,
		otherwise: 'none',
		meaning: 'The person who gets the calls of audio forks whose first message names no agent.',
	},
} as const satisfies Record<string, Setting>;

/** What of the server's configuration is the audio forks'. */
export interface AudioForkConfig {
	/** Passwords of audio forks. */
	readonly audioForkKeys: string[];
	readonly audioForkAgent?: string;
}

export function audioForkConfig(values: ValuesOf<typeof audioForkSettings>): AudioForkConfig {
	const { audioForkKey, audioForkKeySecondary, audioForkAgent } = values;
	return {
		audioForkKeys: given(audioForkKey, audioForkKeySecondary),
		...(audioForkAgent === undefined ? {} : { audioForkAgent }),
	};
}
