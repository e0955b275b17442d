import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { frameBytes, headerBytes, soundVersion } from '#shared/audio.ts';
import { type AttackGrammar, attackGrammar } from '#tests/support/attack-grammar.ts';
import { openHouse, type TestHouse, twilioToken } from '#tests/support/house.ts';
import { listenPeer, type Seat } from '#tests/support/live-peer.ts';
import { seedFor } from '#tests/support/seed.ts';
import { type StubbornJournal, stubbornJournal } from '#tests/support/stubborn-journal.ts';
import { admit, play, startCall } from '#tests/support/test-call.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';

/** What got out of the house where nobody catches it. */
const gotOut: unknown[] = [];
const keep = (error: unknown) => gotOut.push(error);
beforeAll(() => void process.on('uncaughtException', keep).on('unhandledRejection', keep));
afterAll(() => void process.off('uncaughtException', keep).off('unhandledRejection', keep));

/** One attacker's connection: says all of it, then waits until the house has read it or has hung up. */
async function assault(url: string, headers: Record<string, string>, count: number, one: (socket: WebSocket) => void) {
	const socket = new WebSocket(url, { headers });
	const told: string[] = [];
	const closed = new Promise<number>((resolve) => {
		socket.on('close', resolve);
	});
	socket.on('error', () => {});
	socket.on('message', (data, isBinary) => told.push(isBinary ? 'sound' : String(data)));
	await Promise.race([closed, new Promise((resolve) => socket.once('open', resolve))]);
	for (let n = 0; n < count && socket.readyState === WebSocket.OPEN; n++) one(socket);
	if (socket.readyState === WebSocket.OPEN) {
		const read = new Promise((resolve) => socket.once('pong', resolve));
		socket.ping();
		await Promise.race([closed, read]);
	}
	socket.terminate();
	await closed;
	return told;
}
const at = ({ address, role }: Seat, path: string) => `${address.replace('http', 'ws')}${path}?as=${role}`;

/** Something no client sends, on a connection that is open. */
function misbehave(socket: WebSocket, { random, bytes, rawText }: AttackGrammar) {
	switch (random(6)) {
		case 0:
			return socket.send(bytes(), { binary: true });
		case 1:
			return socket.send(bytes(), { binary: false });
		case 2:
			return socket.send(rawText(), { fin: random(2) === 0 });
		case 3:
			return socket.ping(bytes(120));
		case 4: {
			// Bytes that are no frame at all, past the client's own encoder.
			const raw = (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket;
			return raw.write(bytes(40));
		}
		default:
			return socket.send(rawText());
	}
}

async function storm(app: TestHouse, grammar: AttackGrammar, rounds: number) {
	const { random, pick, chance, liveMessage, bent, rawText, fatalText, bytes, wrongLiveMessage, part, anything } =
		grammar;
	const seats = Object.fromEntries(['ann', 'abe', 'eve', 'ed', 'sue', 'sid'].map((id) => [id, app.seat(id)])) as Record<
		string,
		Seat
	>;
	const strangers = ['abe', 'ed', 'sid'];
	const insiders = ['ann', 'eve', 'sue'];
	const toldStrangers: string[] = [];
	const seat = (id: string) => seats[id] as Seat;
	const cookieOf = (id: string) => ({ cookie: seat(id).cookie });

	/** Forty-five messages: greeted first, mostly; then in most cases nothing that ends the connection before its end. */
	const live = async (id: string, say: () => Record<string, unknown>) => {
		let said = 0;
		const rude = chance(30);
		return assault(at(seat(id), '/live'), cookieOf(id), 45, (socket) => {
			said++;
			if (said === 1 && chance(95)) return socket.send('{"type":"hello","version":1}');
			if (rude && chance(5)) return misbehave(socket, grammar);
			if (said === 45) return socket.send(fatalText());
			socket.send(JSON.stringify(say()));
		});
	};
	const liveStranger = async () => {
		const say = () => (chance(60) ? liveMessage() : bent(liveMessage()));
		toldStrangers.push(...(await live(pick(strangers), say)));
	};
	/** Whoever has a right to be here says what nobody has a right to say. */
	const liveInsider = async () => {
		await live(pick(insiders), wrongLiveMessage);
	};
	const sound = async () => {
		const id = pick([...strangers, 'sue']);
		const told = await assault(at(seat(id), `/sound/${part()}`), cookieOf(id), 25, (socket) => {
			if (chance(50)) return misbehave(socket, grammar);
			socket.send(JSON.stringify(bent({ type: 'ping', at: random(1000) })));
		});
		toldStrangers.push(...told);
	};
	const line = async () => {
		const opened = await fetch(`${app.address()}/api/lines?as=agent`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...cookieOf('abe') },
			body: JSON.stringify({ label: 'Attacked' }),
		});
		const { agentPath, customerPath } = (await opened.json()) as Record<string, string>;
		const ends = [agentPath, customerPath].map((path) =>
			assault(`${app.address().replace('http', 'ws')}${path?.replace('/line/', '/line/sound/')}`, {}, 40, (socket) => {
				if (chance(10)) return misbehave(socket, grammar);
				if (chance(50)) {
					const message = Buffer.concat([
						Buffer.from([soundVersion, pick([1, 2]), pick([0, 2]), pick([1, 2, 3])]),
						bytes(headerBytes - 4),
						Buffer.alloc(1000),
					]);
					const length = headerBytes + pick([0, 1, 2, 3]) * frameBytes(pick(['pcmu', 'pcmu16']));
					return socket.send(message.subarray(0, pick([length, random(1000)])));
				}
				const words = { type: pick(['hold', 'resume', 'ping', 'hang-up']), at: random(1000) };
				socket.send(JSON.stringify(chance(30) ? words : bent(words)));
			}),
		);
		await Promise.all(ends);
	};
	const twilio = async () => {
		const peer = await twilioPeer({ address: app.address(), authToken: twilioToken, parameters: { agent: 'abe' } });
		if (chance(80)) peer.begin();
		const one = [
			() => misbehave(peer.socket, grammar),
			() => peer.send(peer.media(pick(['inbound', 'outbound']), random(100_000), bytes())),
			() => peer.send(peer.media('inbound', random(1000), bytes(200))),
			() => peer.send(bent(peer.media('inbound', random(1000), bytes(200)) as Record<string, unknown>)),
			() => peer.send(rawText()),
		];
		for (let n = 0; n < 40 && peer.socket.readyState === WebSocket.OPEN; n++)
			(chance(80) ? one[1 + random(2)] : pick(one))?.();
		await peer.settled();
		peer.drop();
		await peer.closed;
	};
	const rest = async () => {
		const method = pick(['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']);
		const path = pick([
			() => '/api/sign-in',
			() => '/api/sign-out',
			() => '/api/invitations/open',
			() => '/api/people',
			() => '/api/lines',
			() => `/api/lines/${part()}`,
			() => `/enter/${part()}`,
			() => `/${part()}`,
			() => '/metrics',
			() => '/readyz',
			() => '/live',
			() => '/sound/%',
		])();
		const query = pick([
			'',
			'?as=agent',
			'?as=agent&as=supervisor',
			'?as=__proto__',
			'?as[]=agent',
			`?as=supervisor&role=executive`,
			'?as=agent&role=%',
		]);
		const id = pick([...strangers, ...insiders]);
		const headers: Record<string, string> = {
			...(chance(70)
				? cookieOf(id)
				: { cookie: pick(['ycord-agent=', 'ycord-agent=%', '=;=', `__proto__=x; ycord-agent="${'x'.repeat(43)}"`]) }),
			...(chance(80)
				? { 'content-type': pick(['application/json', 'text/plain', 'application/json; charset=utf-16', 'x/y']) }
				: {}),
			...(chance(20) ? { origin: pick(['null', 'https://elsewhere.example', app.address()]) } : {}),
		};
		// Nobody is signed out or invited here: those who do no wrong go on beside all this.
		const body = pick([
			rawText(),
			JSON.stringify(anything()),
			JSON.stringify({ secret: pick([part(), 7]) }),
			'{"__proto__":{"secret":"x"}}',
		]);
		const answer = await fetch(`${app.address()}${path}${path === '/api/sign-out' ? '?as=nobody' : query}`, {
			method,
			headers,
			...(method === 'GET' || method === 'HEAD' ? {} : { body }),
		});
		await answer.text();
		expect(answer.status).toBeLessThan(500);
	};
	const kinds = [liveStranger, liveStranger, liveInsider, sound, line, twilio, rest, rest, rest, rest];
	const worker = async () => {
		for (let round = 0; round < rounds; round++) await pick(kinds)();
	};
	await Promise.all(Array.from({ length: 6 }, worker));
	return toldStrangers;
}

test('whatever comes in at any door, who listens loses no sound, who writes loses no note, strangers learn nothing [G3] [N1] [N4] [S3]', async () => {
	const seed = seedFor('attack');
	const journal: StubbornJournal = await stubbornJournal();
	const app = await openHouse({ YCORD_LOG_LEVEL: 'debug' }, { journal });
	const call = await startCall(app, { label: 'The victim of it all' });
	const other = await startCall(app, { agentId: 'abe', label: 'A call of their own' });
	const [agent, executive, theirs] = [await app.live('ann'), await app.live('eve'), await app.live('abe')];
	const listeningId = await admit(agent, executive, call.callId);
	const listener = await listenPeer(app.seat('eve'), listeningId);
	await listener.begun();
	const invited = uuidV7();
	await theirs.ask(other.callId, { type: 'invite', listeningId: invited, executiveId: 'ed' });
	const before = journal.story(call.callId);

	let frame = 0;
	const stopPlaying = app.clock.every(20, () => {
		play(call, frame++, 1);
		play(other, frame, 1);
		if (frame % 25 === 0) listener.socket.send(JSON.stringify({ type: 'ping', at: frame }));
	});
	const written: string[] = [];
	const writing = { on: true };
	const writer = (async () => {
		while (writing.on) {
			const text = `Victim note ${written.length}`;
			const answer = await agent.ask(call.callId, {
				type: 'write-note',
				noteId: uuidV7(),
				kind: 'observation',
				lane: 'team',
				text,
				anchorMs: 0,
			});
			expect(answer.type).toBe('done');
			written.push(text);
			await new Promise((resolve) => app.clock.after(70, () => resolve(undefined)));
		}
	})();

	const grammar = attackGrammar(seed, {
		callIds: [call.callId, other.callId],
		listeningIds: [listeningId, invited],
		personIds: ['ann', 'abe', 'eve', 'ed', 'sue', 'sid'],
		secrets: ['A'.repeat(43)],
	});
	const toldStrangers = await storm(app, grammar, 120);
	writing.on = false;
	await writer;
	// The last frame may wait for one of the other leg, so the call goes on until as much is heard as was said by now.
	const said = frame;
	await listener.heard.when(() => listener.heard.all.length >= said);
	stopPlaying();

	const sequences = listener.heard.all.map(({ sequence }) => sequence);
	expect(sequences).toEqual(sequences.map((_, place) => (sequences[0] ?? 0) + place));
	expect(listener.told.all.filter(({ type }) => type === 'behind')).toEqual([]);

	const reader = await app.live('eve');
	const view = await reader.watch({ watch: 's', view: 'session', callId: call.callId });
	expect(view.notes.map(({ text }) => text)).toEqual(written);
	expect(view.calls[0]).toMatchObject({ at: 'live', protected: false });

	const story = journal
		.story(call.callId)
		.slice(before.length)
		.filter((type) => type !== 'note-written');
	expect(story).toEqual([]);
	const secretOfVictim = [/The victim of it all/, /Victim note/, new RegExp(`"callId":"${call.callId}"`)];
	for (const told of toldStrangers) for (const secret of secretOfVictim) expect(told).not.toMatch(secret);
	for (const secret of ['Victim note', 'The victim', 'Ann Agent', 'Attacked', 'A'.repeat(43)])
		expect(app.log()).not.toContain(secret);
	expect(gotOut).toEqual([]);
}, 60_000);
