import { audioForkPath } from '#server/telephony/audio-fork/audio-fork.ts';
import { socketAddress, type TestCall, type TestSignal } from '#server/telephony/desk.ts';
import { testSocket } from '#server/telephony/test-socket.ts';
import { sampleRate } from '#shared/audio.ts';
import { ulawTable } from '#shared/g711.ts';

/** Plays jambonz against our own door: the key by HTTP Basic, one text, then L16 of both voices side by side. */
export async function audioForkTestCall(key: string, signal: TestSignal): Promise<TestCall> {
	const authorization = `Basic ${Buffer.from(`ycord:${key}`).toString('base64')}`;
	const url = socketAddress(signal.here, audioForkPath);
	const socket = await testSocket(url, { authorization }, 'audio.jambonz.org');
	const { platformId: callSid, agent } = signal;
	socket.send({ callSid, sampleRate, mixType: 'stereo', metadata: { agent } });
	return {
		get refusal() {
			return socket.refusal;
		},
		play(from, samples) {
			const bytes = Buffer.alloc(samples * 4);
			for (let at = 0; at < samples; at++) {
				bytes.writeInt16LE(ulawTable[signal.customer[from + at] as number] as number, at * 4);
				bytes.writeInt16LE(ulawTable[signal.agentVoice[from + at] as number] as number, at * 4 + 2);
			}
			socket.send(bytes);
		},
		hangUp: () => socket.close(),
	};
}
