import { useRef, useState } from 'react';
import { RestRefused } from '#client/rest/rest.ts';
import type { RefusalAnswer } from '#shared/refusals.ts';

/** Something asked of the server from a button: whether it is under way, and why it did not happen. */
export interface Asking {
	busy: boolean;
	/** In words for people, until the next try. */
	fault: string | undefined;
	/** Runs it, unless one is under way. Never rejects. */
	run(work: () => Promise<unknown>): Promise<void>;
}

export function useAsking(): Asking {
	const [busy, setBusy] = useState(false);
	const [fault, setFault] = useState<string>();
	// Beside the state, which a second press within the same picture would not see yet.
	const underWay = useRef(false);
	return {
		busy,
		fault,
		async run(work) {
			if (underWay.current) return;
			underWay.current = true;
			setBusy(true);
			setFault(undefined);
			try {
				await work();
			} catch (error) {
				setFault(faultWords(error));
			} finally {
				underWay.current = false;
				setBusy(false);
			}
		},
	};
}

/** What people are told of an error: refusals carry their own words. */
export const faultWords = (error: unknown) =>
	error instanceof Error && error.message ? error.message : 'Something went wrong. Try again.';

/** The same of a link that leads nowhere: whoever opened it sent no message, and asked for nothing. */
export function linkFaultWords(error: unknown): string {
	switch (error instanceof RestRefused ? error.code : undefined) {
		case 'request.malformed':
			return 'This link is not whole. Copy all of it, or ask for a new one.';
		case 'listening.not-now':
			return 'This invitation was answered already. Ask the agent for a new link.';
		default:
			return faultWords(error);
	}
}

/** Why a view is not shown. An address that names no call at all is not there either. */
export const viewFaultWords = ({ code, message }: RefusalAnswer) =>
	code === 'request.malformed' ? 'There is no such call. The address may be incomplete.' : message;

/** A name for something made in this tab: a UUID of version 4. Without a secure context the browser has no `randomUUID`. */
export function freshId(): string {
	if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
	bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
	const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
