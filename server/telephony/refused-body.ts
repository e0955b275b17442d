import type { RefusalCode } from '#shared/refusals.ts';

/** What a body is turned away for before anybody reads it; undefined: the error is another one, or was told by its own name. */
export function refusedBody(error: object): RefusalCode | undefined {
	const { statusCode } = error as { statusCode?: unknown };
	if (statusCode === 413) return 'request.too-large';
	return statusCode === 400 || statusCode === 415 ? 'request.malformed' : undefined;
}
