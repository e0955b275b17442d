import { v7 } from 'uuid';

/** A name that lives as long as this tab does, and lets the others know when it has gone. */
export interface TabLock {
	tab: string;
	/** Resolves once the others can see that this tab is there. */
	held: Promise<void>;
	/** True where there are no locks: nobody can know which tabs are there. */
	isAlone: boolean;
	/** Does the work, alone, once that tab has gone: at once if it has. Rejects when the signal comes first. */
	afterwards(tab: string, signal: AbortSignal, work: () => Promise<void>): Promise<void>;
	letGo(): void;
}

const lockOf = (tab: string) => `ycord.tab.${tab}`;

/** Holds a Web Lock until the tab is closed, crashes or is killed: the browser itself lets go of it then. */
export function tabLock(locks: LockManager | undefined): TabLock {
	const tab = v7();
	const life = Promise.withResolvers<void>();
	const held = Promise.withResolvers<void>();
	if (locks)
		locks
			.request(lockOf(tab), () => {
				held.resolve();
				return life.promise;
			})
			// Refused, as in a page without an origin: then it is as if there were none, but for this tab's own notes.
			.catch(() => held.resolve());
	else held.resolve();
	return {
		tab,
		held: held.promise,
		isAlone: locks === undefined,
		async afterwards(other, signal, work) {
			if (locks) await locks.request(lockOf(other), { signal }, work);
			else await work();
		},
		letGo: life.resolve,
	};
}
