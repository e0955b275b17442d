import type { Page } from 'playwright-core';
import { maySeeLane } from '#server/domain/note.ts';
import { isIn } from '#server/domain/roles.ts';
import type { SessionView } from '#server/projections/session-view.ts';
import type { Person } from '#shared/people.ts';
import { type RefusalCode, refusals } from '#shared/refusals.ts';
import type { FoundNotes, SessionRecord, TimelineSpan } from '#shared/rest.ts';
import { type TestHouse, testPeople } from '#tests/support/house.ts';

/**
 * Answers a page's questions for notes and records from what the house knows, where the house has no doors for them yet.
 * A house that has them answers for itself.
 */
export async function openRecordDoors(page: Page, app: TestHouse, timeline: TimelineSpan[]) {
	if ((await fetch(`${app.address()}/api/notes?as=agent&q=x`)).status !== 404) return;
	const asker = async (search: URLSearchParams): Promise<Person | undefined> => {
		const cookies = await page.context().cookies();
		const cookie = cookies.find(({ name }) => name === `ycord-${search.get('as')}`);
		const personId = cookie && app.access.personOf(cookie.value, app.clock.now());
		return testPeople.find(({ id }) => id === personId);
	};
	const refused = (code: RefusalCode) => ({
		status: refusals[code].status,
		json: { code, message: refusals[code].text, retry: refusals[code].retry },
	});
	await page.route('**/api/notes?*', async (route) => {
		const search = new URL(route.request().url()).searchParams;
		const person = await asker(search);
		if (!person) return route.fulfill(refused('access.sign-in'));
		return route.fulfill({ json: found([...app.sessions.all()], person, search) });
	});
	await page.route('**/api/calls/*/record?*', async (route) => {
		const { searchParams, pathname } = new URL(route.request().url());
		const [, , , callId = ''] = pathname.split('/');
		const person = await asker(searchParams);
		const session = app.sessions.get(decodeURIComponent(callId));
		if (!person) return route.fulfill(refused('access.sign-in'));
		if (!session || !isIn(person, session.state)) return route.fulfill(refused('call.unknown'));
		const record: SessionRecord = {
			call: session.call,
			listenings: [...session.listenings.values()],
			notes: [...session.notes].filter((note) => maySeeLane(person, note)),
			timeline,
			exportedAtMs: app.clock.now(),
		};
		return route.fulfill({ json: record });
	});
}

const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const inOneAnswer = 50;

function found(sessions: SessionView[], person: Person, search: URLSearchParams): FoundNotes {
	const wanted = words(search.get('q') ?? '');
	const before = Number(search.get('before') ?? Number.POSITIVE_INFINITY);
	const notes = sessions
		.filter((session) => isIn(person, session.state))
		.flatMap(({ call, notes: all }) =>
			[...all].map((note) => ({
				...note,
				callId: call.callId,
				callLabel: call.label,
				callStartedAtMs: call.startedAtMs,
			})),
		)
		.filter((note) => maySeeLane(person, note) && note.deletedAtMs === undefined && note.place < before)
		.filter((note) => [null, note.kind].includes(search.get('kind') as typeof note.kind | null))
		.filter((note) => !search.has('tag') || note.tags.includes(search.get('tag') ?? ''))
		.filter((note) => wanted.every((start) => words(note.text).some((word) => word.startsWith(start))))
		.toSorted((a, b) => b.place - a.place);
	return { notes: notes.slice(0, inOneAnswer), more: notes.length > inOneAnswer };
}
