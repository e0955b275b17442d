import { socketAddress, type TestCall, type TestSignal } from '#server/telephony/desk.ts';
import { testSocket } from '#server/telephony/test-socket.ts';
import { vonagePath } from '#server/telephony/vonage/vonage.ts';
import { sampleRate } from '#shared/audio.ts';
import { ulawTable } from '#shared/g711.ts';

/** Plays Vonage against our own door: the key as a token, one text, then L16 of both voices in one sound. */
export async function vonageTestCall(key: string, signal: TestSignal): Promise<TestCall> {
	const url = socketAddress(signal.here, vonagePath);
	const socket = await testSocket(url, { authorization: `Bearer ${key}` });
	const { platformId: uuid, agent } = signal;
	socket.send({ event: 'websocket:connected', 'content-type': `audio/l16;rate=${sampleRate}`, uuid, agent });
	return {
		get refusal() {
			return socket.refusal;
		},
		play(from, samples) {
			const bytes = Buffer.alloc(samples * 2);
			for (let at = 0; at < samples; at++) {
				const voices = [signal.customer, signal.agentVoice].map((one) => ulawTable[one[from + at] ?? 0xff] as number);
				const sum = voices.reduce((all, one) => all + one, 0);
				bytes.writeInt16LE(Math.max(-32_768, Math.min(32_767, sum)), at * 2);
			}
			socket.send(bytes);
		},
		hangUp: () => socket.close(),
	};
}
