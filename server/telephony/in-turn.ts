/** One of several that bring things; `keep` makes of a thing what is still good after this turn of the loop. */
export type TakeInTurn = <T>(hear: (one: T) => void, keep?: (one: T) => T) => (one: T) => void;

/**
 * What several connections have to bring is heard in turn. After this process was kept from running, whatever came meanwhile is read connection by
 * connection: one leg's backlog as a whole would be taken for a leg that runs ahead, and the other's come too late. The first thing that
 * each brings in a turn of the loop is heard at once, more of it one by one at the end of the turn: kept is what is read in
 * one turn, of which the loop has a limit of its own. [B1]
 */
export function inTurn(): TakeInTurn {
	let broughtThisTurn: { more: (() => void)[]; hasBrought: boolean }[] = [];

	function hearMore() {
		const brought = broughtThisTurn;
		broughtThisTurn = [];
		for (const one of brought) one.hasBrought = false;
		for (let place = 0, any = true; any; place++) {
			any = false;
			for (const { more } of brought) {
				const next = more[place];
				if (!next) continue;
				any = true;
				next();
			}
		}
		for (const one of brought) if (one.more.length > 0) one.more = [];
	}

	return (hear, keep = (one) => one) => {
		const own = { more: [] as (() => void)[], hasBrought: false };
		return (one) => {
			if (own.hasBrought) {
				const kept = keep(one);
				own.more.push(() => hear(kept));
				return;
			}
			own.hasBrought = true;
			if (broughtThisTurn.push(own) === 1) setImmediate(hearMore);
			hear(one);
		};
	};
}
