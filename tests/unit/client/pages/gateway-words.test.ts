import { expect, test } from 'vitest';
import { abilityWords, agoWords, contactWords, dbfsWords, onBar } from '#client/pages/settings/gateway-words.ts';
import type { GatewayView } from '#shared/gateways.ts';

const now = '2026-11-23T12:00:00.000Z';
const since = '2026-11-23T09:30:00.000Z';
const view = (changes: Partial<GatewayView>) => ({ state: 'unheard', ...changes }) as GatewayView;

test('when the platform was last here is a sentence, by the server’s clock', () => {
	expect(contactWords(view({ lastContact: '2026-11-23T11:57:00.000Z' }), since, now)).toBe(
		'The platform was last here 3 min ago.',
	);
	expect(contactWords(view({}), since, now)).toContain('since Ycord started 2 h 30 min ago. Start a call');
	expect(contactWords(view({ state: 'refusing' }), since, now)).toContain('was turned away');
	// A clock that was put back is no reason to speak of the future.
	expect(agoWords('2026-11-23T12:00:05.000Z', now)).toBe('just now');
});

test('a level stands on a bar of 60 dB, and its minus is one', () => {
	expect([-90, -60, -30, 0, 3].map(onBar)).toEqual([0, 0, 0.5, 1, 1]);
	expect(dbfsWords(-12.04)).toBe('−12.0 dBFS');
});

test('a participant is never said to be silent', () => {
	const abilities = { legs: 'mix', silent: false, clock: false, hold: false, survey: false } as const;
	expect(abilityWords(abilities).join()).toContain('Ycord is a participant of the call');
	expect(abilityWords(abilities).join()).not.toContain('nobody can hear');
});
