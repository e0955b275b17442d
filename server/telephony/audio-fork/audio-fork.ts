import { readGreeting } from '#server/telephony/audio-fork/greeting.ts';
import { l16Door } from '#server/telephony/l16/door.ts';

/** Where audio forks are opened: jambonz' `listen`, FreeSWITCH's mod_audio_fork. */
export const audioForkPath = '/telephony/audio-fork';

/**
 * The gateway for L16 over WebSocket, as jambonz (`listen`) and FreeSWITCH (mod_audio_fork) send it: one text, then sound of one
 * or two channels at 8 or 16 kHz. A silent tap.
 */
export const audioFork = l16Door({
	name: 'audiofork',
	path: audioForkPath,
	scheme: 'Basic',
	keySetting: 'YCORD_AUDIO_FORK_KEY',
	agentSetting: 'YCORD_AUDIO_FORK_AGENT',
	audible: false,
	read: readGreeting,
});
