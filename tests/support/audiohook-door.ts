import { onTestFinished } from 'vitest';
import { type AudiohookNeeds, audiohook } from '#server/telephony/audiohook/audiohook.ts';
import { type AudiohookPeer, type AudiohookPeerOptions, audiohookPeer } from '#tests/support/audiohook-peer.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';

export const hookKey = { key: 'primary', secret: Buffer.from('the first secret').toString('base64') };
export const secondKey = { key: 'secondary', secret: Buffer.from('the second secret').toString('base64') };

/** The AudioHook gateway alone behind a door, and peers that come to it. Each must have found nothing wrong with us. [S3] */
export async function audiohookDoor(needs: Partial<AudiohookNeeds> = {}) {
	const intake = recordingIntake();
	const clock = handClock();
	const refused: string[] = [];
	const report = { contact() {}, over() {}, refused: (why: string) => refused.push(why) };
	const { address, app } = await gatewayDoor(async (opened) => {
		await opened.register(audiohook, {
			intake,
			clock,
			publicUrl: () => 'https://ycord.example.com',
			keys: [hookKey, secondKey],
			transfer: 'Transfer → Ycord survey',
			report,
			...needs,
		});
	});
	const peers: AudiohookPeer[] = [];
	onTestFinished(async () => {
		for (const one of peers) one.drop();
		await app.close();
		const wrong = peers.flatMap((one) => one.wrong);
		if (wrong.length > 0) throw new Error(`the server did wrong: ${wrong.join(', ')}`);
	});
	const peer = async (options: Partial<AudiohookPeerOptions> = {}) => {
		const customConfig = { agent: 'ann' };
		const common = { address, ...hookKey, authority: 'ycord.example.com', now: clock.now, customConfig };
		const one = await audiohookPeer({ ...common, ...options });
		peers.push(one);
		return one;
	};
	const opened = async (options: Partial<AudiohookPeerOptions> = {}) => {
		const one = await peer(options);
		await one.begin();
		return one;
	};
	return { intake, clock, address, app, refused, peer, opened };
}
