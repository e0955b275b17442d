import type { RefusalAnswer } from '#shared/refusals.ts';

/** A command was refused: by the server, or (`connection.lost`) because the answer could not come. */
export class AskRefused extends Error {
	readonly refusal: RefusalAnswer;
	constructor(refusal: RefusalAnswer) {
		super(refusal.message);
		this.name = 'AskRefused';
		this.refusal = refusal;
	}
}
