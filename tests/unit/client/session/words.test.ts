import { describe, expect, test } from 'vitest';
import {
	aboutWords,
	disclosureWords,
	endWords,
	gatewayName,
	silenceWords,
	toneOf,
	toneWord,
} from '#client/session/call-words.ts';
import { kindsInOrder, lanesOf, laneWho } from '#client/session/note-words.ts';
import { disclosures } from '#shared/call.ts';
import { lanes, noteKinds } from '#shared/note.ts';

describe('what a call is called', () => {
	test('[P1] protection is shown over hold and loss; an ended call is only ended', () => {
		const shown = (at: 'live' | 'held' | 'lost' | 'ended', on: boolean) => toneOf({ at, protected: on });
		expect([shown('live', false), shown('held', false), shown('lost', false)]).toEqual(['live', 'held', 'lost']);
		expect([shown('live', true), shown('held', true), shown('lost', true)]).toEqual(Array(3).fill('protected'));
		expect([shown('ended', true), shown('ended', false)]).toEqual(['ended', 'ended']);
	});

	test('every state has a word, and every silence a reason', () => {
		for (const tone of ['held', 'protected', 'lost', 'ended'] as const) {
			expect(toneWord[tone]).not.toBe('');
			expect(silenceWords[tone].title).not.toBe('');
			expect(silenceWords[tone].text).not.toBe('');
		}
		expect(new Set(Object.values(toneWord)).size).toBe(5);
	});

	test('[C1] each disclosure is said in plain words', () => {
		expect(new Set(disclosures.map((one) => disclosureWords[one])).size).toBe(disclosures.length);
	});

	test('an end this page does not know is still an end, a gateway it does not know keeps its name', () => {
		expect(endWords('lost')).not.toBe(endWords('hung-up'));
		expect(endWords(undefined)).toBe(endWords('hung-up'));
		expect([gatewayName('twilio'), gatewayName('audiohook')]).toEqual(['Twilio', 'Audiohook']);
	});

	test('what the platform says of it is there once, in one order, and nothing where it says nothing', () => {
		const labels = [{ name: 'campaign', value: 'Spring' }];
		const about = { labels, language: 'de', to: '…321', from: '…789', queue: 'Orders' };
		const all = ['Orders', 'from …789', 'to …321', 'German', 'campaign: Spring'];
		expect(aboutWords({ label: 'Order 12', about })).toEqual(all);
		expect(aboutWords({ label: 'Caller …789', about })).toEqual(all.filter((text) => text !== 'from …789'));
		expect(aboutWords({ label: 'Order 12' })).toEqual([]);
		expect(aboutWords({ label: 'Order 12', about: { language: 'qx-unknown' } })).toHaveLength(1);
	});
});

describe('the note composer', () => {
	test('has every kind once, each with a letter of its own', () => {
		expect(kindsInOrder.map((one) => one.kind).toSorted()).toEqual([...noteKinds].toSorted());
		expect(new Set(kindsInOrder.map((one) => one.key)).size).toBe(noteKinds.length);
	});

	test('[N4] offers a role only the lanes it may write to, and says who will see it', () => {
		expect(lanesOf('agent').lanes).not.toContain('leadership');
		for (const role of ['executive', 'supervisor'] as const) expect(lanesOf(role).lanes).toEqual(lanes);
		for (const role of ['agent', 'executive', 'supervisor'] as const)
			expect(lanesOf(role).lanes).toContain(lanesOf(role).first);
		expect(laneWho('team', 'executive')).toContain('agent');
	});
});
