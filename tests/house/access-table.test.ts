import { v7 as uuidV7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { askControl } from '#server/control/ask-control.ts';
import type { SessionCommand } from '#shared/call.ts';
import { callRoles, type Role } from '#shared/people.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { shown, teamNote } from '#tests/support/sitting-in.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

/** Who may ask for what in a session of their own, said once more beside the table in the code. */
const expected: Record<SessionCommand['type'], readonly Role[]> = {
	'protect-call': ['agent', 'supervisor'],
	'unprotect-call': ['agent', 'supervisor'],
	invite: ['agent'],
	'withdraw-invitation': ['agent'],
	'accept-invitation': ['executive'],
	'decline-invitation': ['executive'],
	'join-call': ['supervisor'],
	'remove-listener': ['supervisor'],
	'write-note': ['agent', 'executive', 'supervisor'],
	'edit-note': ['agent', 'executive', 'supervisor'],
	'delete-note': ['agent', 'executive', 'supervisor'],
	'widen-note': ['agent', 'executive', 'supervisor'],
	'hear-note': ['agent', 'executive', 'supervisor'],
	'link-note': ['agent', 'executive', 'supervisor'],
	'offer-survey': ['agent', 'executive'],
	'ask-survey': ['agent'],
	'record-consent': ['agent'],
	'withdraw-consent': ['agent'],
	'take-line': ['executive'],
	'take-back': ['agent', 'supervisor'],
	'finish-survey': ['executive'],
	'answer-question': ['executive'],
	'tell-identity': ['agent', 'executive'],
};
const types = Object.keys(expected) as SessionCommand['type'][];

/** A command that fits, about things that are there or not. */
function sample(type: SessionCommand['type'], ids: { noteId: string; listeningId: string }): SessionCommand {
	const { noteId, listeningId } = ids;
	const segmentId = uuidV7();
	const commands: { [Type in SessionCommand['type']]: Extract<SessionCommand, { type: Type }> } = {
		'protect-call': { type: 'protect-call' },
		'unprotect-call': { type: 'unprotect-call' },
		invite: { type: 'invite', listeningId: uuidV7(), executiveId: 'ed' },
		'withdraw-invitation': { type: 'withdraw-invitation', listeningId },
		'accept-invitation': { type: 'accept-invitation', listeningId },
		'decline-invitation': { type: 'decline-invitation', listeningId },
		'join-call': { type: 'join-call', listeningId: uuidV7() },
		'remove-listener': { type: 'remove-listener', listeningId },
		'write-note': teamNote('one more'),
		'edit-note': { type: 'edit-note', noteId, kind: 'observation', text: 'better' },
		'delete-note': { type: 'delete-note', noteId },
		'widen-note': { type: 'widen-note', noteId, lane: 'leadership' },
		'hear-note': { type: 'hear-note', noteId, heard: true },
		'link-note': { type: 'link-note', noteId, to: { callId: 'test-none', noteId }, linked: true },
		'offer-survey': { type: 'offer-survey', segmentId },
		'ask-survey': { type: 'ask-survey', segmentId, scriptId: 'shipped', language: 'en' },
		'record-consent': { type: 'record-consent', segmentId, answer: 'agreed' },
		'withdraw-consent': { type: 'withdraw-consent', segmentId },
		'take-line': { type: 'take-line', segmentId, by: 'line' },
		'take-back': { type: 'take-back', segmentId },
		'finish-survey': { type: 'finish-survey', segmentId },
		'answer-question': { type: 'answer-question', segmentId, questionId: 'one', value: '5' },
		'tell-identity': { type: 'tell-identity', segmentId },
	};
	return commands[type];
}

/** ann's call, which eve hears and sue's team has; and abe's, of another team. */
async function twoTeams() {
	const clock = handClock();
	const app = await openHouse({}, { clock });
	async function callOf(agentId: 'ann' | 'abe', executiveId: 'eve' | 'ed') {
		const [agent, executive] = [await app.live(agentId), await app.live(executiveId)];
		const call = await startCall(app, { agentId });
		const { callId } = call;
		const listeningId = await admit(agent, executive, callId, executiveId);
		const note = teamNote('a word among us');
		await agent.ask(callId, note);
		return { call, callId, listeningId, noteId: note.noteId };
	}
	return { app, clock, own: await callOf('ann', 'eve'), others: await callOf('abe', 'ed') };
}
const personOf = { agent: 'ann', executive: 'eve', supervisor: 'sue' } as const;

describe.each([...callRoles])('%s', (role) => {
	const may = (type: SessionCommand['type']) => expected[type].includes(role);

	test('may ask what the table says, in a session of their own, and finds out nothing by asking in others', async () => {
		const { app, clock, own, others } = await twoTeams();
		const peer = await app.live(personOf[role]);
		await peer.watch({ watch: 'w', view: role === 'supervisor' ? 'board' : 'mine' });
		const asked = async (callId: string, command: SessionCommand) => {
			// Nobody may ask faster than this for long.
			clock.advance(50);
			const answer = await peer.ask(callId, command);
			return answer.type === 'refused' ? answer.refusal.code : answer.type;
		};
		const before = app.sessions.get(others.callId)?.call.seq;
		for (const type of types) {
			const command = sample(type, others);
			const refused = may(type) ? 'call.unknown' : 'access.denied';
			expect([await asked(others.callId, command), await asked('test-none', command)], type).toEqual([
				refused,
				refused,
			]);
			const here = await asked(own.callId, sample(type, own));
			if (may(type)) expect(['access.denied', 'call.unknown'], type).not.toContain(here);
			else expect(here, type).toBe('access.denied');
		}
		expect(app.sessions.get(others.callId)?.call.seq).toBe(before);
		const views = JSON.stringify(peer.views());
		expect(views).toContain(own.callId);
		for (const secret of [others.callId, others.noteId, others.listeningId, 'Abe Agent'])
			expect(views).not.toContain(secret);

		// Ended, only what is written about it goes on; erased, nothing does.
		own.call.ended('hung-up');
		await shown(app, () => app.sessions.get(own.callId)?.call.at === 'ended');
		for (const type of types.filter((one) => !one.endsWith('-note')))
			expect(await asked(own.callId, sample(type, own)), type).not.toBe('done');
		await shown(app, () =>
			[...(app.sessions.get(own.callId)?.listenings.values() ?? [])].every(({ at }) => at !== 'listening'),
		);
		await askControl(app.data, '/erase', { callId: own.callId });
		for (const type of types) expect(await asked(own.callId, sample(type, own)), type).not.toBe('done');
		expect(await asked(own.callId, sample('write-note', own))).toBe('call.erased');
	});

	test('gets the same answer on every door for another team’s session as for none [V2]', async () => {
		const { app, others } = await twoTeams();
		const { cookie } = app.seat(personOf[role]);
		const get = async (path: string) => {
			const as = path.includes('?') ? '&as' : '?as';
			const answer = await fetch(`${app.address()}${path}${as}=${role}`, { headers: { cookie } });
			return [answer.status, await answer.text()] as const;
		};
		const doors = (callId: string) => [
			...['', '.md', '.csv', '.jsonl'].map((ending) => `/api/calls/${callId}/record${ending}`),
			`/api/calls/${callId}/notes/${others.noteId}/history`,
			`/api/calls/${callId}/survey`,
			`/api/notes?q=word&callId=${callId}`,
		];
		const nowhere = doors('test-none');
		for (const [index, path] of doors(others.callId).entries())
			expect(await get(path), path).toEqual(await get(nowhere[index] as string));
		await app.search.caughtUp();
		const [, found] = await get('/api/notes?q=word');
		expect(found).not.toContain(others.noteId);
	});
});
