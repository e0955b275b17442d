import { v7 as uuidV7 } from 'uuid';
import { expect, test } from 'vitest';
import type { SessionEvent } from '#server/domain/session.ts';
import type { SessionCommand } from '#shared/call.ts';
import type { Person } from '#shared/people.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { shown, sittingIn } from '#tests/support/sitting-in.ts';
import { play, testCall } from '#tests/support/test-call.ts';

const refusable: SessionEvent['type'][] = [
	'listening-started',
	'listening-stopped',
	'call-lost',
	'call-restored',
	'sound-refused',
];
/** What is played while protection is confirmed; nobody may ever hear it. */
const secretMark = 250;

/** Everything that can happen around one call, in any order and all at once; gives back what was recorded and heard. */
async function bustle(seed: number, journalRefuses: boolean) {
	const random = randomNumbers(seed);
	const pick = <T>(all: readonly T[]) => all[random(all.length)] as T;
	const { app, journal, clock, call: first, callId, listeningId, listener } = await sittingIn();
	let call = first;
	const seats = [listeningId];
	const seatOf = new Map([[listeningId, app.seat('eve')]]);
	const peers = [listener];
	const doing: Promise<unknown>[] = [];
	let frame = 0;
	let isLost = false;
	let isSecret = false;

	/** Past the live socket, which would hang up on so many asks at once; a refusal is as good an answer here. */
	const ask = (who: string, command: SessionCommand) => {
		const asked = app.ask.person(app.people.find(who) as Person, callId, command).then(
			() => true,
			() => false,
		);
		doing.push(asked);
		return asked;
	};
	/** The sound is back, unless it was never lost or the call is over. */
	const bringBack = () => {
		let refused = false;
		const back = app.intake.started({ ...testCall, platformId: callId.replace('test-', '') }, () => {
			refused = true;
		});
		if (!refused) call = back;
	};
	const open = (id: string) => {
		const seat = seatOf.get(id);
		if (seat) doing.push(listenPeer(seat, id).then((peer) => peers.push(peer)));
	};
	const steps = [
		() => open(pick(seats)),
		() => open(pick(seats)),
		() => pick(peers).leave(),
		() => pick(peers).kill(),
		() => {
			const { socket } = pick(peers);
			if (socket.readyState === socket.OPEN && random(3) === 0) socket.send(new Uint8Array(176).fill(secretMark));
		},
		() => {
			const id = uuidV7();
			seats.push(id);
			seatOf.set(id, app.seat('sue'));
			ask('sue', { type: 'join-call', listeningId: id });
			open(id);
		},
		() => {
			const id = uuidV7();
			seats.push(id);
			seatOf.set(id, app.seat('eve'));
			ask('ann', { type: 'invite', listeningId: id, executiveId: 'eve' });
			ask('eve', { type: 'accept-invitation', listeningId: id });
			open(id);
		},
		() => random(3) === 0 && ask('sue', { type: 'remove-listener', listeningId: pick(seats) }),
		() => ask('ann', { type: 'withdraw-invitation', listeningId: pick(seats) }),
		() => {
			if (isLost) bringBack();
			else call.lost();
			isLost = !isLost;
		},
		() => {
			if (!isSecret) play(call, frame, 3);
			frame += 3;
		},
		() => clock.advance(1000),
		() => journalRefuses && journal.refuse(...refusable.filter(() => random(4) === 0)),
	];
	for (let round = 0; round < 12; round++) {
		for (let n = 0; n < 12; n++) pick(steps)();
		if (random(2) === 0) {
			// Confirmed protection: what is played from here on is heard by nobody, whoever comes and goes.
			isSecret = await ask('ann', { type: 'protect-call' });
			for (let n = 0; n < 6; n++) {
				pick(steps)();
				if (!isSecret) continue;
				for (const leg of ['customer', 'agent'] as const)
					call.sound(leg, new Uint8Array(160).fill(secretMark), frame * 160);
				frame++;
			}
			isSecret = false;
			await ask('ann', { type: 'unprotect-call' });
		}
	}
	await Promise.all(doing);
	journal.refuse();
	// Three heartbeats: whoever has gone is noticed, and what the journal owes is recorded. Those who hear say so.
	for (let beat = 0; beat < 3; beat++) {
		for (const { socket } of peers) if (socket.readyState === socket.OPEN) socket.send('{"type":"ping","at":1}');
		await ask('ann', { type: 'unprotect-call' });
		clock.advance(10_000);
	}
	const onRecord = () =>
		[...(app.sessions.get(callId)?.listenings.values() ?? [])].filter(({ at }) => at === 'listening').length;
	await shown(app, () => onRecord() === app.hub.listeners);
	bringBack();
	call.ended('hung-up');
	await shown(app, () => app.sessions.get(callId)?.call.at === 'ended' && onRecord() === 0);
	await Promise.all(peers.map(({ closed }) => closed));
	return {
		records: await journal.read(callId),
		heard: peers.flatMap((peer) => peer.heard.all),
		listeners: app.hub.listeners,
	};
}

for (const [when, refuses] of [
	['whatever comes at once', false],
	['whatever comes at once, while the journal refuses now and then', true],
] as const)
	test(`[C0] [L1] [P1] [S1] ${when}: each hearing is on record from its begin to its end, and the protected stretch is silent`, async () => {
		const seed = seedFor(`races ${refuses}`);
		for (let n = 0; n < 6; n++) {
			const { records, heard, listeners } = await bustle(seed + n, refuses);
			expect(listeners).toBe(0);
			for (const { parts } of heard) for (const bytes of Object.values(parts)) expect(bytes[0]).not.toBe(secretMark);
			const hearing = new Set<string>();
			for (const { event, version } of records) {
				if (!('listeningId' in event)) continue;
				const { listeningId: id } = event;
				const wrong = `seed ${seed + n}, event ${version}: ${event.type}`;
				if (event.type === 'listening-started') {
					expect(hearing.has(id), wrong).toBe(false);
					hearing.add(id);
				}
				if (event.type === 'listening-stopped') expect(hearing.delete(id), wrong).toBe(true);
			}
			expect([...hearing], `seed ${seed + n}: hearings without an end`).toEqual([]);
		}
	}, 40_000);
