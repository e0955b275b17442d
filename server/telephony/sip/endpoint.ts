import { randomBytes } from 'node:crypto';
import {
	cseqOf,
	type HeaderLines,
	headerOf,
	isRequest,
	parameterOf,
	type SipMessage,
	type SipRequest,
	type SipResponse,
	writeMessage,
} from '#server/telephony/sip/message.ts';
import type { SipPeer } from '#server/telephony/sip/transport.ts';
import type { Clock } from '#shared/clock.ts';

/** RFC 3261, 17.1.1.1 and 17.1.2.2: the first wait, the longest, and how long anything is sent again at all. */
const t1Ms = 500;
const t2Ms = 4000;
export const giveUpMs = 64 * t1Ms;
/** Requests whose answer is kept for when they come again; beyond, newcomers are refused. [B1] */
const maxKept = 20_000;

/** A request that came in, and the way to answer it. */
export interface Asked {
	request: SipRequest;
	peer: SipPeer;
	/** The other side's tag, and ours if this is in a dialog. */
	fromTag: string;
	toTag: string | undefined;
	callId: string;
	cseq: number;
	answer(answer: SipAnswer): void;
}

export interface SipAnswer {
	status: number;
	reason: string;
	/** Our tag, where the request has none yet. */
	toTag?: string;
	headers?: HeaderLines;
	body?: string;
	/** For a final answer to INVITE: the other side has acknowledged it, or has not in 32 s. */
	acknowledged?: (was: boolean) => void;
}

/** What we ask in a dialog. `port` is where it goes over UDP, if not where the last request came from. */
export interface SipAsk {
	peer: SipPeer;
	port?: number | undefined;
	method: string;
	uri: string;
	headers: HeaderLines;
}

export interface SipEndpointNeeds {
	clock: Clock;
	/** How we are reached, host and port: where answers to what we ask are sent. */
	sentBy: (over: SipPeer['over']) => string;
	/** A new request; repetitions are answered here. ACK is not one. */
	asked: (asked: Asked) => void;
	malformed: (why: string, peer: Pick<SipPeer, 'address' | 'over'>) => void;
}

/** The transactions of one place that is asked by others (RFC 3261, 17), and now and then asks in a dialog itself. */
export interface SipEndpoint {
	message(message: SipMessage, peer: SipPeer): void;
	/** Asks, again and again over UDP, and tells the final answer's status: 408 if none comes, 503 if there is no way there. */
	ask(request: SipAsk, told: (status: number) => void): void;
	/** Stops sending anything again. */
	close(): void;
}

interface Kept {
	/** What was answered last, to be sent again when the request comes again. */
	last: string | undefined;
	stop: () => void;
}

export const newTag = () => randomBytes(8).toString('hex');

export function sipEndpoint({ clock, sentBy, asked, malformed }: SipEndpointNeeds): SipEndpoint {
	const kept = new Map<string, Kept>();
	/** Final answers to INVITE that nobody has acknowledged, by dialog and CSeq. */
	const unacknowledged = new Map<string, (was: boolean) => void>();
	/** What we asked, by branch. */
	const asking = new Map<string, (status: number) => void>();

	/** Calls `send` now and at growing intervals until stopped; `over` after 32 s. */
	function again(send: () => unknown, isRepeated: boolean, over: () => void): () => void {
		let waitMs = t1Ms;
		let stopNext = () => {};
		const stopAll = clock.after(giveUpMs, () => {
			stopNext();
			over();
		});
		const next = () => {
			stopNext = clock.after(waitMs, () => {
				waitMs = Math.min(2 * waitMs, t2Ms);
				send();
				next();
			});
		};
		send();
		if (isRepeated) next();
		return () => {
			stopNext();
			stopAll();
		};
	}

	function requested(request: SipRequest, peer: SipPeer) {
		const [via, from, to, callId] = ['via', 'from', 'to', 'call-id'].map((name) => headerOf(request, name));
		const cseq = cseqOf(request);
		const fromTag = parameterOf(from ?? '', 'tag');
		if (!via || !from || !to || !callId || !cseq || fromTag === undefined)
			return malformed('a request without Via, From with its tag, To, Call-ID or CSeq', peer);
		if (cseq.method !== request.method) return malformed('a CSeq of another method', peer);
		const dialog = `${callId} ${fromTag} ${cseq.number}`;
		if (request.method === 'ACK') {
			unacknowledged.get(dialog)?.(true);
			return;
		}
		const branch = parameterOf(via, 'branch') ?? '';
		const said = viaFrom(via);
		const key = `${branch} ${said.host}:${said.port} ${request.method} ${dialog}`;
		const answersGoTo = parameterOf(via, 'rport') === undefined ? said.port : peer.port;
		const before = kept.get(key);
		if (before) {
			if (before.last !== undefined) reply(before.last);
			return;
		}
		function reply(text: string) {
			peer.send(text, answersGoTo);
		}
		const one: Kept = { last: undefined, stop: clock.after(giveUpMs, forget) };
		function forget() {
			one.stop();
			kept.delete(key);
		}
		const written = ({ status, reason, toTag, headers = [], body }: SipAnswer) =>
			writeMessage(
				`SIP/2.0 ${status} ${reason}`,
				[
					...viasOf(request, peer).map((value) => ['Via', value] as const),
					...(status < 300 ? (request.headers.get('record-route') ?? []) : []).map(
						(value) => ['Record-Route', value] as const,
					),
					['From', from],
					['To', parameterOf(to, 'tag') === undefined && toTag ? `${to};tag=${toTag}` : to],
					['Call-ID', callId],
					['CSeq', `${cseq?.number} ${request.method}`],
					...headers,
				],
				body,
			);
		if (kept.size >= maxKept) return reply(written({ status: 503, reason: 'Service Unavailable', toTag: newTag() }));
		kept.set(key, one);
		asked({
			request,
			peer,
			fromTag,
			toTag: parameterOf(to, 'tag') || undefined,
			callId,
			cseq: cseq.number,
			answer(given) {
				const text = written(given);
				one.last = text;
				if (request.method !== 'INVITE' || given.status < 200) return reply(text);
				// A yes is sent again over any transport (13.3.1.4), a no only where it may get lost (17.2.1).
				const isRepeated = given.status < 300 || peer.over === 'UDP';
				const stop = again(
					() => reply(text),
					isRepeated,
					() => unacknowledged.get(dialog)?.(false),
				);
				unacknowledged.set(dialog, (was) => {
					unacknowledged.delete(dialog);
					stop();
					given.acknowledged?.(was);
				});
			},
		});
	}

	function answered(response: SipResponse) {
		const branch = parameterOf(headerOf(response, 'via') ?? '', 'branch') ?? '';
		if (response.status >= 200) asking.get(branch)?.(response.status);
	}

	return {
		message(message, peer) {
			if (isRequest(message)) requested(message, peer);
			else answered(message);
		},
		ask({ peer, port, method, uri, headers }, told) {
			const branch = `z9hG4bK${newTag()}`;
			const via = `SIP/2.0/${peer.over} ${sentBy(peer.over)};branch=${branch};rport`;
			const text = writeMessage(`${method} ${uri} SIP/2.0`, [['Via', via], ['Max-Forwards', '70'], ...headers]);
			let isSent = false;
			const stop = again(
				() => {
					isSent = peer.send(text, port);
				},
				peer.over === 'UDP',
				() => asking.get(branch)?.(408),
			);
			asking.set(branch, (status) => {
				asking.delete(branch);
				stop();
				told(status);
			});
			// Whoever is not there any more has not said no either. (RFC 3261, 8.1.3.1)
			if (!isSent) asking.get(branch)?.(503);
		},
		close() {
			for (const { stop } of kept.values()) stop();
			kept.clear();
			for (const end of [...unacknowledged.values()]) end(true);
			for (const end of [...asking.values()]) end(408);
		},
	};
}

/** Who sent a message as its Via says: there go answers that are not asked to come back to where the request came from. (RFC 3261, 18.2.2) */
function viaFrom(via: string): { host: string; port: number } {
	const [, host = '', port] =
		/^SIP\s*\/\s*2\.0\s*\/\s*\w+\s+(\[[^\]]*\]|[^\s:;,]+)(?:\s*:\s*(\d{1,5}))?/i.exec(via) ?? [];
	return { host, port: Number(port ?? 5060) };
}

/** The Via headers as an answer carries them back, the first with where it really came from. (RFC 3581, 4) */
function viasOf(request: SipRequest, peer: SipPeer): string[] {
	const [first = '', ...others] = request.headers.get('via') ?? [];
	const filled = first.replace(/;\s*rport(?=[;,\s]|$)/i, `;rport=${peer.port}`);
	return [`${filled};received=${peer.address}`, ...others];
}
