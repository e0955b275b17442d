import { v7 as uuidV7 } from 'uuid';
import { WebSocket } from 'ws';
import type { Control, Fallback, Returned, Taking } from '#server/telephony/control.ts';
import { type Codec, encodeSound, frameBytes } from '#shared/audio.ts';
import type { SegmentView, SurveyTold } from '#shared/survey.ts';
import type { TestHouse } from '#tests/support/house.ts';
import { arrivals, type LivePeer, listenPeer, type Seat } from '#tests/support/live-peer.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

/** A platform's control in the hands of the test, and all that the customer was told to hear. */
export function fakeControl(answers: { release?: (fallback: Fallback) => Promise<Returned> } = {}) {
	const said = arrivals<Uint8Array>();
	const takings: Taking[] = [];
	const releases: Fallback[] = [];
	let lost = () => {};
	let withdrawn = () => {};
	let take: Promise<void> = Promise.resolve();
	const control: Control = {
		abilities: ['survey', 'returnToAgent'],
		async take(taking, whenLost) {
			takings.push(taking);
			lost = whenLost;
			await take;
			return { say: (frame) => said.add(Uint8Array.from(frame)) };
		},
		async release(fallback) {
			releases.push(fallback);
			return answers.release ? answers.release(fallback) : 'agent';
		},
		onWithdrawn(whenWithdrawn) {
			withdrawn = whenWithdrawn;
		},
	};
	return {
		control,
		said,
		takings,
		releases,
		/** What was said that is no silence. */
		words: () => said.all.filter((frame) => frame.some((byte) => byte !== 0xff)),
		lose: () => lost(),
		withdraw: () => withdrawn(),
		/** Until this resolves, or if it rejects, nobody is on the line. */
		takes(promise: Promise<void>) {
			take = promise;
		},
	};
}

/** A plain executive's end: sends what it is told to, one frame a message, each filled with one byte. */
export async function talkPeer(seat: Seat, path: string) {
	const socket = new WebSocket(`${seat.address.replace(/^http/, 'ws')}${path}`, {
		headers: { cookie: seat.cookie },
	});
	const told = arrivals<SurveyTold>();
	const pongs = arrivals<number>();
	let sequence = 0;
	let pinged = 0;
	const closed = new Promise<{ code: number; reason: string }>((resolve) => {
		socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
	});
	socket.on('message', (data) => {
		const message = JSON.parse(String(data));
		if (message.type === 'survey') told.add(message);
		if (message.type === 'pong') pongs.add(message.at);
	});
	await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
	return {
		socket,
		told,
		closed,
		say(byte: number, frames = 1, codec: Codec = 'pcmu') {
			for (let one = 0; one < frames; one++) {
				const header = { codec, frames: 1, sequence: sequence++, mediaMs: sequence * 20, serverMs: 0 };
				socket.send(encodeSound(header, { executive: new Uint8Array(frameBytes(codec)).fill(byte) }));
			}
		},
		/** Says that it is there, as a tab does, until it is closed. */
		stayOn() {
			const timer = setInterval(() => socket.send('{"type":"ping","at":0}'), 500);
			socket.once('close', () => clearInterval(timer));
		},
		/** Resolves when the server has taken all that was sent so far. */
		async taken() {
			const at = ++pinged;
			socket.send(JSON.stringify({ type: 'ping', at }));
			await pongs.when((one) => one === at);
		},
		state: (state: SurveyTold['state']) => told.when((one) => one.state === state),
		kill: () => socket.terminate(),
	};
}
export type TalkPeer = Awaited<ReturnType<typeof talkPeer>>;

/** The first row of a segment that fits, as this peer is shown it. */
export const segmentShown = (peer: LivePeer, fits: (segment: SegmentView) => boolean): Promise<SegmentView> =>
	peer.told
		.when((one) => one.type === 'view' && one.segments.some(fits))
		.then((one) => (one.type === 'view' ? one.segments.find(fits) : undefined) as SegmentView);

/** A call that eve listens to, whose customer said yes: all that is needed to take the line. */
export async function agreedCall(app: TestHouse, of: { control: Control; codec?: Codec }) {
	const call = await startCall(app, of);
	return { call, ...(await agreedOn(app, call.callId)) };
}

/** The same for a call of ann's that is there already. */
export async function agreedOn(app: TestHouse, callId: string) {
	const [agent, executive] = await Promise.all([app.live('ann'), app.live('eve')]);
	await agent.watch({ watch: 'session', view: 'session', callId });
	const listeningId = await admit(agent, executive, callId);
	const ear = await listenPeer(app.seat('eve'), listeningId);
	await ear.begun();
	await executive.watch({ watch: 'session', view: 'session', callId });
	const segmentId = uuidV7();
	await mustBeDone(executive.ask(callId, { type: 'offer-survey', segmentId }));
	await mustBeDone(agent.ask(callId, { type: 'ask-survey', segmentId, scriptId: 'service', language: 'en' }));
	await mustBeDone(agent.ask(callId, { type: 'record-consent', segmentId, answer: 'agreed' }));
	/** Takes the line; gives back the survey socket's address. */
	async function take(): Promise<string> {
		const done = await mustBeDone(executive.ask(callId, { type: 'take-line', segmentId, by: 'line' }));
		return done.result?.surveyPath as string;
	}
	return {
		callId,
		agent,
		executive,
		ear,
		listeningId,
		segmentId,
		take,
		/** Takes the line and opens the survey socket; resolves when it is live. */
		async goLive(): Promise<TalkPeer> {
			const talk = await talkPeer(app.seat('eve'), await take());
			await talk.state('live');
			return talk;
		},
	};
}

/** The answer, which must be that it was done. */
export async function mustBeDone(asked: ReturnType<LivePeer['ask']>) {
	const answer = await asked;
	if (answer.type !== 'done') throw new Error(JSON.stringify(answer));
	return answer;
}
