/** Time, as it comes in from outside: tests turn it by hand. */
export interface Clock {
	/** Ms since 1970, never going back. */
	now(): number;
	/** Calls `ring` once after `ms`; gives back what stops it. */
	after(ms: number, ring: () => void): () => void;
	/** Calls `ring` every `ms`; gives back what stops it. */
	every(ms: number, ring: () => void): () => void;
}
