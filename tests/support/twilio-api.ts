import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TwilioKey } from '#server/telephony/twilio/api.ts';
import { type TwilioPeer, twilioPeer } from '#tests/support/twilio-peer.ts';
import { mustBeStreamUrl, readTwiml, type Verb } from '#tests/support/twiml.ts';

/** One request, in the words of the API. */
export interface AskedOfTwilio {
	what: 'update a call' | 'start a stream' | 'stop a stream' | 'list conferences' | 'list participants';
	/** The call or conference in the path. */
	of: string;
	given: Readonly<Record<string, string>>;
}

/** What the API answers in place of the right answer: `never`, or something else; `done` if it does what it was asked all the same. */
export type OtherAnswer = 'never' | { status: number; code?: number; done?: boolean; body?: object; location?: string };

export interface TwilioStandIn {
	/** What Ycord is given as `YCORD_TWILIO_…`. */
	readonly key: TwilioKey;
	readonly asked: readonly AskedOfTwilio[];
	/** Everything that was not as documented, in words. Empty if all is well. */
	readonly wrong: readonly string[];
	/** Waited for before each answer; undefined is the right one. */
	answer: (asked: AskedOfTwilio) => OtherAnswer | undefined | Promise<OtherAnswer | undefined>;
	/** Whether streams get through to Ycord. */
	connects: boolean;
	/** Whether a call goes on with its next verb when its stream was closed. */
	goesOn: boolean;
	/** A call that is in this conference from now on, also as somebody's coach; gives back its id. */
	call(conference: string, as?: 'coach'): string;
	hangUp(callSid: string): Promise<void>;
	/** `conference NAME`, `stream`, `queue NAME`, `over`. */
	whereIs(callSid: string): string;
	/** What was said to a call by `<Say>`. */
	said(callSid: string): string;
	/** The streams that were opened, of each kind, newest last. */
	readonly surveys: readonly TwilioPeer[];
	readonly listenings: readonly TwilioPeer[];
	/** Resolves once it holds; looked at again after everything that happens. */
	when(holds: () => boolean): Promise<void>;
	close(): Promise<void>;
}

interface Call {
	where: string;
	isCoach: boolean;
	said: string[];
	/** Whatever runs now stops when a newer document runs. */
	document: number;
	survey: TwilioPeer | undefined;
}

const sid = (kind: string) => kind + randomBytes(16).toString('hex');

/**
 * Twilio's REST API on this machine, as far as it is documented (www.twilio.com/docs/voice/api): it refuses what is not,
 * and does what it is asked as Twilio would, the stream included. It knows nothing of what is not documented.
 */
export async function twilioStandIn(ycord: { address: () => string; authToken: string }): Promise<TwilioStandIn> {
	const asked: AskedOfTwilio[] = [];
	const wrong: string[] = [];
	const surveys: TwilioPeer[] = [];
	const listenings: TwilioPeer[] = [];
	const calls = new Map<string, Call>();
	const conferences = new Map<string, { sid: string; hasBegun: boolean }>();
	let waiting: { holds: () => boolean; resolve: () => void }[] = [];
	const happened = () => {
		waiting = waiting.filter(({ holds, resolve }) => {
			if (holds()) resolve();
			return !holds();
		});
	};
	const inside = (name: string) => [...calls].filter(([, one]) => one.where === `conference ${name}`);

	function move(call: Call, where: string) {
		call.where = where;
		const name = /^conference (.*)$/s.exec(where)?.[1];
		for (const one of conferences.keys()) if (inside(one).length === 0) conferences.delete(one);
		if (name !== undefined) {
			const conference = conferences.get(name) ?? { sid: sid('CF'), hasBegun: false };
			conferences.set(name, conference);
			// It begins with the second one, and is over when the last has left.
			if (inside(name).length > 1) conference.hasBegun = true;
		}
		happened();
	}

	async function run(callSid: string, call: Call, verbs: readonly Verb[]) {
		const document = ++call.document;
		const survey = call.survey;
		call.survey = undefined;
		await survey?.stop();
		for (const { name, children, text } of verbs) {
			if (call.document !== document) return;
			const [noun] = children;
			if (name === 'Connect') {
				move(call, 'stream');
				if (!standIn.connects) return;
				await survive(callSid, call, document, noun as Verb);
				if (!standIn.goesOn) return;
			} else if (name === 'Dial') return move(call, `conference ${noun?.text}`);
			else if (name === 'Enqueue') return move(call, `queue ${text}`);
			else if (name === 'Say') call.said.push(text);
			else break;
		}
		if (call.document === document) move(call, 'over');
	}

	/** Opens the stream, and comes back when it is closed, or cannot be opened. */
	async function survive(callSid: string, call: Call, document: number, { attributes, children }: Verb) {
		const parameters = Object.fromEntries(children.map((one) => [one.attributes.name, one.attributes.value ?? '']));
		const peer = await open(attributes.url ?? '', callSid, ['inbound'], parameters).catch(() => undefined);
		if (!peer) return;
		if (call.document !== document) return peer.drop();
		call.survey = peer;
		surveys.push(peer);
		peer.begin();
		happened();
		await peer.closed;
	}

	const open = (
		url: string,
		callSid: string,
		tracks: ('inbound' | 'outbound')[],
		parameters: Record<string, string>,
		streamSid = sid('MZ'),
	) =>
		twilioPeer({
			address: ycord.address(),
			path: new URL(url).pathname,
			authToken: ycord.authToken,
			signedUrl: url,
			callSid,
			accountSid: key.accountSid,
			tracks,
			parameters,
			streamSid,
		});

	/** Does what is asked, and gives back the answer's body; throws a `Documented` error. */
	function done({ what, of, given }: AskedOfTwilio): object {
		if (what === 'list conferences') {
			const found = [...conferences].filter(([name]) => name === given.FriendlyName);
			const status = (begun: boolean) => (begun ? 'in-progress' : 'init');
			const named = found.map(([name, one]) => ({ sid: one.sid, friendly_name: name, status: status(one.hasBegun) }));
			return {
				conferences: named.filter((one) => one.status === (given.Status ?? one.status)),
				page: 0,
				page_size: 50,
			};
		}
		if (what === 'list participants') {
			const [name] = [...conferences].find(([, one]) => one.sid === of) ?? [];
			if (name === undefined) throw new Documented(404, 20_404);
			const shown = (call_sid: string, coaching: boolean) => ({ call_sid, coaching, status: 'connected' });
			return { participants: inside(name).map(([call_sid, one]) => shown(call_sid, one.isCoach)), page: 0 };
		}
		if (what === 'stop a stream') {
			const stream = listenings.find((one) => one.streamSid === of);
			if (!stream) throw new Documented(404, 20_404);
			void stream.stop();
			return { sid: of, status: 'stopped' };
		}
		const call = calls.get(of);
		if (!call) throw new Documented(404, 20_404);
		if (call.where === 'over') throw new Documented(400, 21_220);
		if (what === 'start a stream') {
			const parameters: Record<string, string> = {};
			for (let n = 1; given[`Parameter${n}.Name`] !== undefined; n++)
				parameters[given[`Parameter${n}.Name`] ?? ''] = given[`Parameter${n}.Value`] ?? '';
			const streamSid = sid('MZ');
			if (standIn.connects)
				void open(given.Url ?? '', of, tracksOf(given.Track), parameters, streamSid).then((peer) => {
					listenings.push(peer);
					peer.begin();
					happened();
				});
			return { sid: streamSid, status: 'in-progress' };
		}
		void run(of, call, given.Twiml === undefined ? [] : readTwiml(given.Twiml));
		return { sid: of, status: given.Twiml === undefined ? 'completed' : 'in-progress' };
	}

	async function handle(request: IncomingMessage, response: ServerResponse) {
		const send = (status: number, body: object, location?: string) => {
			response.writeHead(status, { 'content-type': 'application/json', ...(location ? { location } : {}) });
			response.end(JSON.stringify(body));
		};
		let form = '';
		for await (const part of request) form += part;
		const basic = Buffer.from(`${key.key}:${key.secret}`).toString('base64');
		if (request.headers.authorization !== `Basic ${basic}`) return send(401, { code: 20_003, status: 401 });
		let one: AskedOfTwilio;
		try {
			one = readRequest(request, form, key.accountSid);
		} catch (error) {
			wrong.push((error as Error).message);
			return send(400, { code: 20_001, status: 400 });
		}
		asked.push(one);
		happened();
		const other = await standIn.answer(one);
		try {
			if (other && (other === 'never' || !other.done)) throw other;
			const body = done(one);
			if (other) throw other;
			send(one.what === 'start a stream' ? 201 : 200, body);
		} catch (error) {
			if (error instanceof Error && !(error instanceof Documented)) wrong.push(error.message);
			if (error === 'never') return;
			const { status = 400, code = 20_001, body, location } = error as Exclude<OtherAnswer, 'never'>;
			send(status, body ?? { code, status, message: 'no', more_info: '' }, location);
		}
	}

	const server = createServer((request, response) => void handle(request, response));
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const key: TwilioKey = { accountSid: sid('AC'), key: sid('SK'), secret: randomBytes(16).toString('hex'), url };
	const known = (callSid: string) => {
		const call = calls.get(callSid);
		if (!call) throw new Error('there is no such call');
		return call;
	};
	const standIn: TwilioStandIn = {
		key,
		asked,
		wrong,
		answer: () => undefined,
		connects: true,
		goesOn: true,
		call(conference, as) {
			const callSid = sid('CA');
			const call: Call = { where: '', isCoach: as === 'coach', said: [], document: 0, survey: undefined };
			calls.set(callSid, call);
			move(call, `conference ${conference}`);
			return callSid;
		},
		hangUp: (callSid) => run(callSid, known(callSid), []),
		whereIs: (callSid) => known(callSid).where,
		said: (callSid) => known(callSid).said.join(' '),
		surveys,
		listenings,
		when(holds) {
			if (holds()) return Promise.resolve();
			return new Promise((resolve) => {
				waiting.push({ holds, resolve });
			});
		},
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	return standIn;
}

/** An error as the API documents it. */
class Documented extends Error {
	readonly status: number;
	readonly code: number;
	constructor(status: number, code: number) {
		super(`HTTP ${status}, error ${code}`);
		this.status = status;
		this.code = code;
	}
}

const parameters: Record<AskedOfTwilio['what'], RegExp> = {
	'update a call':
		/^(Url|Method|Status|FallbackUrl|FallbackMethod|StatusCallback|StatusCallbackMethod|Twiml|TimeLimit)$/,
	'start a stream': /^(Url|Name|Track|StatusCallback|StatusCallbackMethod|Parameter[1-9]\d?\.(Name|Value))$/,
	'stop a stream': /^Status$/,
	'list conferences': /^(DateCreated|DateUpdated|FriendlyName|Status|PageSize|Page|PageToken)$/,
	'list participants': /^(Muted|Hold|Coaching|PageSize|Page|PageToken)$/,
};

/** Reads a request by what is documented, or throws what is not. */
function readRequest(request: IncomingMessage, form: string, accountSid: string): AskedOfTwilio {
	const { pathname, searchParams } = new URL(request.url ?? '', 'http://twilio');
	const path = pathname.replace(`/2010-04-01/Accounts/${accountSid}/`, '');
	const [, call, , stream, conference] =
		/^Calls\/(CA[0-9a-f]{32})(\/Streams(?:\/(MZ[0-9a-f]{32}))?)?\.json$|^Conferences\/(CF[0-9a-f]{32})\/Participants\.json$/.exec(
			path,
		) ?? [];
	const isStream = path.endsWith('/Streams.json');
	const what = stream
		? 'stop a stream'
		: call
			? isStream
				? 'start a stream'
				: 'update a call'
			: conference
				? 'list participants'
				: path === 'Conferences.json'
					? 'list conferences'
					: undefined;
	if (!what) throw new Error(`no such resource: ${path}`);
	const method = call ? 'POST' : 'GET';
	if (request.method !== method) throw new Error(`${request.method} where ${method} is meant`);
	if (call && !request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
		throw new Error('a body that is not a form');
	const fields = [...(call ? new URLSearchParams(form) : searchParams)];
	const given = Object.fromEntries(fields);
	if (Object.keys(given).length !== fields.length) throw new Error('a parameter given twice');
	for (const name of Object.keys(given)) if (!parameters[what].test(name)) throw new Error(`no parameter ${name}`);
	if (what === 'start a stream') {
		mustBeStreamUrl(given.Url ?? '');
		tracksOf(given.Track);
	}
	if (what === 'update a call') {
		if (given.Twiml !== undefined) readTwiml(given.Twiml);
		else if (given.Status !== 'completed') throw new Error('neither Twiml nor Status=completed');
	}
	if (what === 'stop a stream' && given.Status !== 'stopped') throw new Error('no Status=stopped');
	return { what, of: stream ?? call ?? conference ?? '', given };
}

function tracksOf(track = 'inbound_track'): ('inbound' | 'outbound')[] {
	if (track === 'both_tracks') return ['inbound', 'outbound'];
	if (track === 'inbound_track') return ['inbound'];
	if (track === 'outbound_track') return ['outbound'];
	throw new Error(`no track ${track}`);
}
