import { randomInt } from 'node:crypto';
import { callLabel } from '#server/telephony/call-label.ts';
import { platformIdOf } from '#server/telephony/platform-id.ts';
import type { RtpPorts } from '#server/telephony/rtp/ports.ts';
import { type RtpReceiver, rtpReceiver } from '#server/telephony/rtp/receiver.ts';
import { type AnswerLine, type Description, readSdp, writeAnswer } from '#server/telephony/sdp/sdp.ts';
import type { Asked, SipAnswer, SipAsk } from '#server/telephony/sip/endpoint.ts';
import { newTag } from '#server/telephony/sip/endpoint.ts';
import { type HeaderLines, headerOf } from '#server/telephony/sip/message.ts';
import { readBody } from '#server/telephony/siprec/body.ts';
import { dialog } from '#server/telephony/siprec/dialog.ts';
import { lookout, lostForMs } from '#server/telephony/siprec/lookout.ts';
import { type RecordingMetadata, readMetadata } from '#server/telephony/siprec/metadata.ts';
import { codecOf, type TakenLine, taken, takenLines } from '#server/telephony/siprec/offer.ts';
import { rolesOf, userOf } from '#server/telephony/siprec/roles.ts';
import { sessionTimer } from '#server/telephony/siprec/session-timer.ts';
import type { IncomingCall, Intake, LiveCall } from '#server/telephony/telephony.ts';
import type { Leg } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

export interface RecordingNeeds {
	intake: Intake;
	clock: Clock;
	ports: RtpPorts;
	/** The address that is told to recorders for sound and answers, without a port. */
	address: string;
	contact: (asked: Asked) => string;
	/** Addresses of record of agents. */
	agents: RegExp | undefined;
	defaultAgentId: string | undefined;
	/** Whom sound is taken from: the address of the description, or whoever sends first. */
	source: 'offer' | 'first';
	ask(request: SipAsk, told: (status: number) => void): void;
	/** It is over; a refusal says why it never began or was ended by us. */
	over(outcome: { callId: string | undefined; reason: 'hung-up' | 'lost' | 'draining' | Refusal }): void;
	failed(error: unknown): void;
}

/** One recording session: an INVITE and what becomes of it. */
export interface Recording {
	readonly toTag: string;
	/** A request in its dialog. */
	request(asked: Asked): void;
	/** CANCEL of its INVITE. */
	cancel(): void;
	/** Ends it because the server goes away: the recorder is told, the call may live on. */
	leave(): void;
}

const hears = 'SIPREC brings sound only: nobody can be brought on the line there';

/**
 * A recording session from INVITE to BYE, receiving only (RFC 7866, 7). Begins at once; answers, and brings the call in. The
 * legs' ports stay through every re-INVITE; a hold is what the recorder says, or says by no longer sending.
 */
export function recording(first: Asked, needs: RecordingNeeds): Recording {
	const { clock, ports } = needs;
	const toTag = newTag();
	const startedAtMs = clock.now();
	const sdpId = randomInt(2 ** 31);
	let sdpVersion = 1;
	let state: 'opening' | 'on' | 'over' = 'opening';
	let offer: Description = { media: [] };
	const parts: { line: TakenLine; leg: Leg; receiver: RtpReceiver }[] = [];
	let incoming: IncomingCall | undefined;
	let call: LiveCall | undefined;
	let refusal: Refusal | undefined;
	let isHeld = false;
	let lastAnswer = '';
	const { takes, moved, ask } = dialog(first, toTag, needs.ask);
	const recorder = lookout({
		clock,
		isOn: () => state === 'on',
		isHeld: () => isHeld,
		heardAtMs: () => Math.max(...parts.map(({ receiver }) => receiver.heardAtMs ?? 0)),
		ask: (told) => ask('OPTIONS', told),
		lost: () => call?.lost(lostForMs),
		over: () => end('lost'),
	});

	const failed = (asked: Asked, status: number, reason: string, headers: HeaderLines = []) =>
		asked.answer({ status, reason, toTag, headers });

	function over(reason: Parameters<RecordingNeeds['over']>[0]['reason']) {
		if (state === 'over') return;
		state = 'over';
		recorder.stop();
		for (const { receiver } of parts) receiver.close();
		needs.over({ callId: call?.callId, reason });
	}

	function end(reason: Parameters<typeof over>[0], isToldToUs = false) {
		if (state === 'over') return;
		if (state === 'on' && !isToldToUs) ask('BYE', () => {});
		if (state === 'opening') failed(first, ...unanswered(reason));
		over(reason);
		if (reason === 'hung-up') call?.ended('hung-up');
		else if (reason === 'lost') call?.ended('lost');
		else if (reason === 'draining') call?.lost();
	}

	function sound(leg: Leg, data: Uint8Array, at: number) {
		if (recorder.isLost) bring();
		call?.sound(leg, data, at);
	}

	/** Brings the call in, or back. */
	function bring() {
		if (!incoming) return;
		recorder.found();
		call = needs.intake.started(incoming, (no) => {
			refusal = no;
			if (state === 'on') end(no);
		});
		if (isHeld) call.held();
	}

	/** What the offer's `m=` lines become: as many, ours with their ports. */
	const answerLines = (): AnswerLine[] =>
		offer.media.map((_, place) => {
			const part = parts.find(({ line }) => line.place === place);
			if (!part) return { port: 0, payloadTypes: [], direction: 'inactive' };
			return {
				port: part.receiver.port,
				payloadTypes: [...part.line.payloads.keys()],
				direction: part.line.isActive ? 'recvonly' : 'inactive',
			};
		});

	/** Says yes; with a description, unless an UPDATE asked nothing of it. (RFC 3311, 5.2) */
	function accept(asked: Asked, isDescribed = true) {
		const sdp = writeAnswer(offer, answerLines(), { host: needs.address, id: sdpId, version: sdpVersion });
		if (sdp !== lastAnswer && lastAnswer !== '') sdpVersion++;
		lastAnswer = writeAnswer(offer, answerLines(), { host: needs.address, id: sdpId, version: sdpVersion });
		const timer = sessionTimer(asked);
		recorder.refreshedWithin(timer?.seconds);
		const acknowledged: SipAnswer['acknowledged'] = (was) => {
			// Whoever never heard our yes will not say goodbye either.
			if (!was) end('lost');
		};
		asked.answer({
			status: 200,
			reason: 'OK',
			toTag,
			headers: [
				['Contact', `<${needs.contact(asked)}>;+sip.srs`],
				['Allow', allowed],
				['Supported', 'siprec, timer'],
				...(timer ? timer.headers : []),
				['Content-Type', isDescribed ? 'application/sdp' : undefined],
			],
			...(isDescribed ? { body: lastAnswer } : {}),
			...(asked.request.method === 'INVITE' ? { acknowledged } : {}),
		});
	}

	const bodyOf = ({ request }: Asked) => readBody(headerOf(request, 'content-type'), request.body);

	/** An offer in its parts, or the refusal it was answered with. */
	function readOffer(asked: Asked): { offer: Description; metadata: RecordingMetadata } | undefined {
		const body = bodyOf(asked);
		const no = (status: number, reason: string, why: Refusal) => {
			refusal = why;
			failed(asked, status, reason, [['Accept', accepts]]);
			return undefined;
		};
		if (!body) return no(415, 'Unsupported Media Type', new Refusal('media.none', 'no session description'));
		if (body.sdp === undefined) return no(488, 'Not Acceptable Here', new Refusal('media.none', 'no offer'));
		const read = readSdp(body.sdp);
		if ('wrong' in read) return no(400, 'Bad Request', new Refusal('request.malformed', read.wrong));
		return { offer: read, metadata: readMetadata(body.metadata ?? '') };
	}

	async function begin(): Promise<void> {
		failed(first, 100, 'Trying');
		// Whoever begins it has to hold it first.
		await undefined;
		if (state !== 'opening') return;
		const read = readOffer(first);
		if (!read) return over(refusal as Refusal);
		offer = read.offer;
		const lines = takenLines(offer);
		const [one] = lines;
		if (!one) {
			failed(first, 488, 'Not Acceptable Here');
			return over(new Refusal('media.none', 'neither PCMU nor PCMA at 8 kHz'));
		}
		const codec = codecOf(one);
		const { legs, customer, agent } = rolesOf(
			lines.map(({ line }) => line.label ?? ''),
			read.metadata,
			needs.agents,
		);
		for (const [place, line] of lines.entries()) {
			const port = await ports.open();
			if (state !== 'opening') return port?.close();
			if (!port) {
				failed(first, 503, 'Service Unavailable', [['Retry-After', '10']]);
				return over(new Refusal('media.no-ports', 'YCORD_RTP_PORTS'));
			}
			const leg = legs[place] ?? 'customer';
			const receiver = rtpReceiver({
				port,
				clock,
				codec,
				payloads: line.payloads,
				source: sourceOf(line),
				failed: needs.failed,
				nowMs: () => clock.now() - startedAtMs,
				sound: (data, at) => sound(leg, data, at),
			});
			parts.push({ line, leg, receiver });
		}
		isHeld = parts.every(({ line }) => !line.isActive);
		const agentId = userOf(agent?.aor) ?? needs.defaultAgentId;
		if (!agentId) {
			failed(first, 403, 'Forbidden');
			return over(new Refusal('call.unknown-agent', 'none is named: set YCORD_SIPREC_AGENT'));
		}
		incoming = {
			gateway: 'siprec',
			platformId: platformIdOf(first.callId),
			agentId,
			label: callLabel({ from: userOf(customer?.aor) }),
			about: { from: userOf(customer?.aor), to: userOf(agent?.aor) },
			codec,
			legs,
			...(parts.length === 1 ? { hears: 'mix' } : {}),
			disclosure: 'notice',
			rehearsal: false,
			control: { abilities: [], cannot: hears },
		};
		bring();
		if (refusal) {
			const isFull = refusal.code === 'call.full' || refusal.code === 'server.draining';
			if (isFull) failed(first, 503, 'Service Unavailable', [['Retry-After', '10']]);
			else if (refusal.code === 'request.failed') failed(first, 500, 'Server Internal Error');
			else failed(first, 403, 'Forbidden');
			return over(refusal);
		}
		state = 'on';
		accept(first);
	}

	const sourceOf = ({ line }: TakenLine) =>
		needs.source === 'offer' && line.address && !unspecified.has(line.address)
			? { address: line.address }
			: ('first' as const);

	/** The same session again, as it is now: held, taken off, moved, or only to say that it lives. */
	function changed(asked: Asked) {
		const body = bodyOf(asked);
		// No offer: a refresh, or metadata that changed, of which nothing is needed once the call is on.
		const isOffered = body === undefined || body.sdp !== undefined;
		if (isOffered) {
			const read = readOffer(asked);
			if (!read) return;
			if (read.offer.media.length < offer.media.length) return failed(asked, 488, 'Not Acceptable Here');
			offer = read.offer;
			for (const part of parts) {
				const line = offer.media[part.line.place];
				const now = line && taken(line, part.line.place);
				// A line that is gone or cannot be heard any more is silent, and its port waits for it.
				part.line = now ?? { ...part.line, isActive: false };
				if (now) part.receiver.change({ payloads: now.payloads, source: sourceOf(now) });
			}
			hold(parts.every(({ line }) => !line.isActive));
		}
		moved(asked);
		accept(asked, isOffered || asked.request.method === 'INVITE');
	}

	function hold(is: boolean) {
		if (is === isHeld) return;
		isHeld = is;
		if (recorder.isLost) return bring();
		if (is) call?.held();
		else call?.resumed();
	}

	begin().catch((error) => {
		needs.failed(error);
		end(new Refusal('request.failed'));
	});

	return {
		toTag,
		request(asked) {
			recorder.sign();
			if (!takes(asked)) return failed(asked, 500, 'Server Internal Error');
			const { method } = asked.request;
			if (method === 'BYE') {
				failed(asked, 200, 'OK');
				return end('hung-up', true);
			}
			if (method === 'OPTIONS' || method === 'INFO') return failed(asked, 200, 'OK', [['Allow', allowed]]);
			if (method !== 'INVITE' && method !== 'UPDATE')
				return failed(asked, 405, 'Method Not Allowed', [['Allow', allowed]]);
			if (state === 'opening') return failed(asked, 500, 'Server Internal Error', [['Retry-After', '1']]);
			changed(asked);
		},
		cancel() {
			if (state === 'opening') end('hung-up');
		},
		leave: () => end('draining'),
	};
}

/** How an INVITE is answered that ends before it was. */
function unanswered(reason: Parameters<RecordingNeeds['over']>[0]['reason']): [status: number, reason: string] {
	if (reason === 'hung-up') return [487, 'Request Terminated'];
	return reason === 'draining' ? [503, 'Service Unavailable'] : [500, 'Server Internal Error'];
}

export const allowed = 'INVITE, ACK, BYE, CANCEL, UPDATE, OPTIONS, INFO';
export const accepts = 'application/sdp, application/rs-metadata+xml, multipart/mixed';
/** Sent from nowhere: an old way to say hold (RFC 2543, B.5). */
const unspecified: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
