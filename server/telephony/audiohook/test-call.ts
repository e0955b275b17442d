import { randomBytes, randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { audiohookPath } from '#server/telephony/audiohook/audiohook.ts';
import type { HookKey } from '#server/telephony/audiohook/credentials.ts';
import { durationOf } from '#server/telephony/audiohook/duration.ts';
import { coveredComponents, hmacOf } from '#server/telephony/audiohook/signature.ts';
import { socketAddress, type TestCall, type TestSignal } from '#server/telephony/desk.ts';

/** How long our own door may take to answer. */
const answerWithinMs = 5000;

export interface HookTestNeeds extends HookKey {
	/** What Genesys signs: the address it was given. */
	publicUrl: string;
	/** When it is signed. */
	nowMs: number;
}

/**
 * Plays Genesys Cloud against our own door: the signature over the public address, `open`, µ-law of both voices side by side,
 * `close`. Whether Genesys itself reaches that address cannot be told from here.
 */
export async function hookTestCall(
	{ publicUrl, nowMs, key, secret }: HookTestNeeds,
	signal: TestSignal,
): Promise<TestCall> {
	const [id, organizationId] = [randomUUID(), randomUUID()];
	const headers = { ...sessionHeaders(id, organizationId), 'x-api-key': key };
	const { host } = new URL(publicUrl);
	const signed = secret
		? signatureOf({ ...headers, '@request-target': audiohookPath, '@authority': host }, secret, nowMs)
		: {};
	const socket = new WebSocket(socketAddress(signal.here, audiohookPath), { headers: { ...headers, ...signed } });
	let refusal: string | undefined;
	let [seq, serverseq, place] = [0, 0, 0];
	const opened = Promise.withResolvers<void>();
	opened.promise.catch(() => {});
	const gone = new Promise<void>((resolve) => {
		socket.once('close', (_code, reason) => {
			opened.reject(new Error(refusal ?? `Ycord hung up: ${reason.toString() || 'without a word'}.`));
			resolve();
		});
	});
	const say = (type: string, parameters: object) => {
		if (socket.readyState !== socket.OPEN) return;
		const position = durationOf(place);
		socket.send(JSON.stringify({ version: '2', type, id, seq: ++seq, serverseq, position, parameters }));
	};
	socket.on('message', (text) => {
		const said = JSON.parse(text.toString());
		serverseq = said.seq;
		if (said.type === 'opened') opened.resolve();
		if (said.type === 'closed') socket.close(1000);
		if (said.type !== 'disconnect') return;
		refusal = `Ycord hung up: ${said.parameters.info ?? said.parameters.reason}.`;
		say('close', { reason: 'disconnect' });
	});
	socket.once('unexpected-response', (_request, { statusCode }) => {
		opened.reject(new Error(`Ycord did not open its door (${statusCode}): its own key and signature do not fit.`));
		socket.terminate();
	});
	socket.on('error', (error) =>
		opened.reject(new Error(`Ycord’s own address cannot be reached from this machine: ${error.message}`)),
	);
	socket.once('open', () => {
		const participant = { id: randomUUID(), ani: '', aniName: '', dnis: '' };
		const media = [{ type: 'audio', format: 'PCMU', channels: ['external', 'internal'], rate: 8000 }];
		const customConfig = { agent: signal.agent, label: 'Test call' };
		say('open', { organizationId, conversationId: randomUUID(), participant, media, customConfig });
	});
	const cut = setTimeout(() => socket.terminate(), answerWithinMs);
	try {
		await opened.promise;
	} finally {
		clearTimeout(cut);
	}
	return {
		get refusal() {
			return refusal;
		},
		play(from, samples) {
			const bytes = new Uint8Array(2 * samples);
			for (let at = 0; at < samples; at++) {
				bytes[2 * at] = signal.customer[from + at] as number;
				bytes[2 * at + 1] = signal.agentVoice[from + at] as number;
			}
			if (socket.readyState === socket.OPEN) socket.send(bytes);
			place += samples;
		},
		async hangUp() {
			const stop = setTimeout(() => socket.terminate(), answerWithinMs);
			if (!refusal) say('close', { reason: 'end' });
			await gone;
			clearTimeout(stop);
		},
	};
}

const sessionHeaders = (sessionId: string, organizationId: string) => ({
	'audiohook-organization-id': organizationId,
	'audiohook-session-id': sessionId,
	'audiohook-correlation-id': randomUUID(),
});

/** The two headers with which Genesys signs, made now. (protocols.md 2.1) */
export function signatureOf(
	values: Readonly<Record<(typeof coveredComponents)[number], string>>,
	secret: string,
	nowMs: number,
): Record<string, string> {
	const nonce = randomBytes(18).toString('base64');
	const created = Math.floor(nowMs / 1000);
	const list = coveredComponents.map((one) => `"${one}"`).join(' ');
	const key = values['x-api-key'];
	const parameters = `(${list});keyid="${key}";nonce="${nonce}";alg="hmac-sha256";created=${created};expires=${created + 30}`;
	const lines = coveredComponents.map((one) => `"${one}": ${values[one]}`);
	const code = hmacOf(secret, [...lines, `"@signature-params": ${parameters}`].join('\n')).toString('base64');
	return { 'signature-input': `sig1=${parameters}`, signature: `sig1=:${code}:` };
}
