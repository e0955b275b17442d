const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** A running clock: `0:07`, `12:34`, `1:02:03`. Before the start it stands at zero. */
export function clockText(ms: number): string {
	const whole = Number.isFinite(ms) ? Math.max(0, Math.floor(ms / second)) : 0;
	const seconds = String(whole % 60).padStart(2, '0');
	const minutes = Math.floor(whole / 60) % 60;
	const hours = Math.floor(whole / 3600);
	return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}

/** How long something lasted, in words: `8 seconds`, `1 minute`, `4 minutes 12 seconds`, `1 hour 5 minutes`. */
export function durationWords(ms: number): string {
	const whole = Math.max(0, ms);
	if (whole < minute) return counted(Math.floor(whole / second), 'second');
	if (whole < hour)
		return joined(Math.floor(whole / minute), 'minute', Math.floor((whole % minute) / second), 'second');
	return joined(Math.floor(whole / hour), 'hour', Math.floor((whole % hour) / minute), 'minute');
}

const counted = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;
const joined = (big: number, bigUnit: string, small: number, smallUnit: string) =>
	small ? `${counted(big, bigUnit)} ${counted(small, smallUnit)}` : counted(big, bigUnit);

/** Since when, short enough to stand beside a name: `just now`, `3 min`, `1 h 5 min`. */
export function sinceWords(ms: number): string {
	if (ms < minute) return 'just now';
	if (ms < hour) return `${Math.floor(ms / minute)} min`;
	const minutes = Math.floor((ms % hour) / minute);
	return minutes ? `${Math.floor(ms / hour)} h ${minutes} min` : `${Math.floor(ms / hour)} h`;
}

/** How far behind the call the ear is, to the tenth of a second: `0.2 s behind`. */
export function delayWords(delayMs: number): string {
	const tenths = Math.max(1, Math.round(Math.max(0, delayMs) / 100));
	return `${(tenths / 10).toFixed(1)} s behind`;
}

/** A time of day as the reader's own clock writes it. */
export const timeOfDay = (epochMs: number) =>
	new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' }).format(epochMs);

/** The same to the second, for what is on record: `14:02:11`. */
export const timeToSecond = (epochMs: number) =>
	new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }).format(epochMs);

/** A day as the reader's own calendar writes it, short: `22 Nov 2026`. */
export const dayOf = (epochMs: number) => new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(epochMs);
