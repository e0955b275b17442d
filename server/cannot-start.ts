/** The server cannot start for a reason that whoever starts it can mend. The message is a finished sentence. */
export class CannotStart extends Error {
	override readonly name = 'CannotStart';
}
