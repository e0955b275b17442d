import { v7 as uuidV7 } from 'uuid';
import type { SessionCommand } from '#shared/call.ts';
import type { Person } from '#shared/people.ts';
import type { ConsentAnswer } from '#shared/survey.ts';
import type { HandClock } from '#tests/support/clock.ts';
import { type TestHouse, testPeople } from '#tests/support/house.ts';
import { shown } from '#tests/support/sitting-in.ts';
import { startCall } from '#tests/support/test-call.ts';

/** How far a survey in a call goes, and what comes of it. */
export interface Surveyed {
	agentId?: string;
	executiveId?: string;
	label?: string;
	rehearsal?: boolean;
	/** Whether the executive listens; else nobody does. */
	heard?: boolean;
	/** Left out: nobody is asked. `no-answer`: asked, and the call ends first. */
	said?: ConsentAnswer | 'no-answer';
	scriptId?: string;
	language?: string;
	/** Given on the line; without any the executive never comes on it. */
	answers?: Record<string, string>;
	/** How long they speak. */
	liveMs?: number;
	/** Consent is taken back at the end. */
	withdrawn?: boolean;
	/** Where the call is left: on the line, or ended. */
	goesOn?: boolean;
}

const personCalled = (id: string): Person => {
	const person = testPeople.find((one) => one.id === id);
	if (!person) throw new Error(`nobody is called ${id}`);
	return person;
};

/**
 * A call with a survey by phone, from its beginning to its end, in a house whose clock is in the test's hands: everything
 * by the same commands as from the screens.
 */
export async function surveyed(app: TestHouse, clock: HandClock, how: Surveyed = {}) {
	const { agentId = 'ann', executiveId = 'eve', label = 'A test call', said, answers, heard = true } = how;
	const [agent, executive] = [personCalled(agentId), personCalled(executiveId)];
	const call = await startCall(app, { agentId, label, rehearsal: how.rehearsal ?? false });
	const { callId } = call;
	const segmentId = uuidV7();
	const ask = (who: Person, command: SessionCommand) => app.ask.person(who, callId, command);
	const listeningId = uuidV7();
	await ask(agent, { type: 'invite', listeningId, executiveId });
	await ask(executive, { type: 'accept-invitation', listeningId });
	const listening = (command: { type: 'start-listening'; required: 'notice' } | StopListening) =>
		app.ask.house(executiveId, callId, { of: 'listening', listeningId, command });
	if (heard) await listening({ type: 'start-listening', required: 'notice' });
	clock.advance(20_000);
	if (said !== undefined) {
		await ask(heard ? executive : agent, { type: 'offer-survey', segmentId });
		const { scriptId = 'service', language = 'en' } = how;
		await ask(agent, { type: 'ask-survey', segmentId, scriptId, language });
		clock.advance(5_000);
		if (said !== 'no-answer') await ask(agent, { type: 'record-consent', segmentId, answer: said });
	}
	if (said === 'agreed' && answers) {
		await ask(executive, { type: 'take-line', segmentId, by: 'phone' });
		clock.advance(how.liveMs ?? 60_000);
		for (const [questionId, value] of Object.entries(answers))
			await ask(executive, { type: 'answer-question', segmentId, questionId, value });
		if (how.withdrawn) await ask(agent, { type: 'withdraw-consent', segmentId });
		else if (!how.goesOn) await ask(executive, { type: 'finish-survey', segmentId });
	}
	if (!how.goesOn) {
		if (heard) await listening({ type: 'stop-listening', reason: 'left', audibleMs: 20_000, lostMs: 0 });
		call.ended('hung-up');
		await shown(app, () => app.sessions.get(callId)?.call.at === 'ended');
	}
	await app.search.caughtUp();
	return { callId, segmentId, call };
}

interface StopListening {
	type: 'stop-listening';
	reason: 'left';
	audibleMs: number;
	lostMs: number;
}
