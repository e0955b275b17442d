import { asteriskPlatform } from '#tests/peers/asterisk.ts';
import { audioForkPlatform } from '#tests/peers/audio-fork.ts';

import { audiohookPlatform } from '#tests/peers/audiohook.ts';
import { plivoPlatform, telnyxPlatform } from '#tests/peers/keyed-streams.ts';

import type { Platform } from '#tests/peers/platform.ts';
import { rtpenginePlatform } from '#tests/peers/rtpengine.ts';
import { siprecPlatform } from '#tests/peers/siprec.ts';
import { twilioPlatform } from '#tests/peers/twilio.ts';
import { vonagePlatform } from '#tests/peers/vonage.ts';

/** Every platform that can be played here: for the tests that hold all gateways to one thing, and for the shell. */
export const platforms: readonly Platform[] = [
	twilioPlatform,
	telnyxPlatform,
	plivoPlatform,
	audiohookPlatform,
	audioForkPlatform,
	vonagePlatform,
	asteriskPlatform,
	siprecPlatform,
	rtpenginePlatform,
];
