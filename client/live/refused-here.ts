import type { RefusalAnswer } from '#shared/refusals.ts';

/** The refusals that the tab says itself, without the server. */
export const connectionLost: RefusalAnswer = {
	code: 'connection.lost',
	message: 'The connection was lost before the answer came. Try again.',
	retry: true,
};
export const tooManyAsks: RefusalAnswer = {
	code: 'request.too-many',
	message: 'That was too many requests at once. Wait a moment, then try again.',
	retry: true,
};
