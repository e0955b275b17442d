import type { RefusalCode } from '#shared/refusals.ts';

const words: Partial<Record<RefusalCode, string>> = {
	'access.provider-down':
		'Your company’s sign-in cannot be reached right now. Try again in a moment, or sign in with a password if you have one.',
	'access.provider-refused': 'Your company’s sign-in did not let you in, or its answer did not fit. Begin again.',
	'access.no-role':
		'Your company’s sign-in knows you, and you have no role in Ycord. Ask whoever runs Ycord here for one.',
	'access.no-team':
		'Your company’s sign-in knows you, and names no team of yours. Ask whoever runs Ycord here to look at it.',
	'access.shut-out': 'You may not sign in here any more. Ask whoever runs Ycord here.',
	'access.too-many-tries': 'That was too many tries. Wait a minute, then try again.',
};

/** Why somebody came back from the identity provider without being signed in; an address cannot put other words on the page. */
export function wordsOf(code: string | null): string | undefined {
	if (code === null) return undefined;
	return Object.hasOwn(words, code) ? words[code as RefusalCode] : 'That did not sign you in. Begin again.';
}
