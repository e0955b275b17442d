import { describe, expect, test } from 'vitest';
import { saidTogether } from '#client/ui/announce.tsx';

describe('two announcements at once', () => {
	test('are both said, and none twice', () => {
		expect(saidTogether('', 'Connected again.')).toBe('Connected again.');
		expect(saidTogether('Connected again.', 'The call is now: Ended')).toBe('Connected again. The call is now: Ended');
		expect(saidTogether('Robin is listening now', 'New note by Robin')).toBe(
			'Robin is listening now. New note by Robin',
		);
		expect(saidTogether('New note by Robin', 'New note by Robin')).toBe('New note by Robin');
		expect(saidTogether('Connected again. On hold', 'On hold')).toBe('Connected again. On hold');
	});
});
