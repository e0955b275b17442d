import type { SessionEvent } from '#server/domain/session.ts';
import type { Entry, EventText, Journal, JournalEngine, Recorded, RecordedText } from '#server/journal/journal.ts';
import { apart, type Personal, together } from '#server/journal/personal.ts';
import type { SealKey, Seals } from '#server/journal/seal.ts';
import { upcast, versionOf } from '#server/journal/upcast.ts';
import { Refusal } from '#shared/refusals.ts';

/** An entry that was asked for: the event as it will be read, and its parts as they will be written. */
interface Taken extends Entry {
	text: string;
	personal: Personal;
}

/** The newest records of this node, kept so that its own followers need not open them a second time. */
const maxFresh = 2000;

/**
 * The journal of events that the house works with, on an engine that keeps text. The one place where an event becomes
 * text and text an event again: what is personal is sealed with the call's key, and an event of any age is read as one
 * of today. Without `seals`, for trials, everything lies open.
 */
export function eventJournal(engine: JournalEngine, seals?: Seals): Journal {
	const keys = seals && inTurn(seals);
	const fresh = new Map<number, Recorded>();

	/** Copied as it will be read: what the caller changes while it waits for a key is not what was asked. */
	const taken = ({ event, by, atMs }: Entry): Taken => {
		const { open, personal } = keys ? apart(event) : { open: event, personal: [] };
		const text = JSON.stringify(open);
		return { by, atMs, text, personal, event: together(JSON.parse(text), personal) as unknown as SessionEvent };
	};

	const asText = ({ event: { type }, text, personal }: Taken, key: SealKey | undefined, place: string): EventText => {
		const typeVersion = versionOf(type);
		if (personal.length === 0) return { type, typeVersion, body: text };
		if (!key) throw new Refusal('call.erased');
		const sealed = key.seal(place, JSON.stringify(personal));
		// One more field, put in by hand: base64 needs no escaping, and the text is long.
		return { type, typeVersion, body: `${text.slice(0, -1)},"sealed":"${sealed}"}` };
	};

	const opened = ({ event: { type, typeVersion, body }, ...record }: RecordedText, key: SealKey | undefined) => {
		const { sealed, ...open } = JSON.parse(body);
		const personal: Personal =
			sealed !== undefined && key ? JSON.parse(key.open(placeOf(record.stream, record.version), sealed)) : [];
		return { ...record, event: upcast(type, typeVersion, personal.length > 0 ? together(open, personal) : open) };
	};

	/** What was personal in a call that is erased is not kept at hand either. [L3] */
	const forgetErased = ({ event: { type }, stream }: Pick<Recorded, 'stream'> & { event: { type: string } }) => {
		if (type !== 'call-erased') return;
		for (const [seq, one] of fresh) if (one.stream === stream) fresh.delete(seq);
	};

	const keepFresh = (records: readonly Recorded[]) => {
		for (const record of records) fresh.set(record.seq, record);
		for (const record of records) forgetErased(record);
		for (const seq of fresh.keys()) {
			if (fresh.size <= maxFresh) break;
			fresh.delete(seq);
		}
	};

	return {
		id: engine.id,
		async append(stream, expected, entries) {
			const asked = entries.map(taken);
			const finding = keys?.of(stream, expected === 0);
			const key = finding instanceof Promise ? await finding : finding;
			const texts = asked.map((one, index) => {
				const event = asText(one, key, placeOf(stream, expected + index + 1));
				return { event, by: one.by, atMs: one.atMs };
			});
			const recorded = await engine.append(stream, expected, texts);
			const records = recorded.map((record, index) => ({ ...record, event: (asked[index] as Taken).event }));
			keepFresh(records);
			return records;
		},
		async read(stream) {
			const records = await engine.read(stream);
			const key = records.length > 0 ? await keys?.of(stream, false) : undefined;
			return records.map((record) => opened(record, key));
		},
		async *follow(seq, signal) {
			for await (const record of engine.follow(seq, signal)) {
				forgetErased(record);
				const own = fresh.get(record.seq);
				if (own) {
					yield own;
					continue;
				}
				const finding = keys?.of(record.stream, false);
				yield opened(record, finding instanceof Promise ? await finding : finding);
			}
		},
		last: engine.last,
		close: engine.close,
	};
}

const placeOf = (stream: string, version: number) => `${stream} ${version}`;

/** Whoever asks for a key while it is being found gets it after those who asked before: appends keep their order. */
function inTurn(seals: Seals) {
	const finding = new Map<string, Promise<SealKey | undefined>>();
	return {
		of(stream: string, make: boolean): SealKey | undefined | Promise<SealKey | undefined> {
			const before = finding.get(stream);
			if (before) return before;
			const known = seals.known(stream);
			if (known) return known;
			const found = seals.find(stream, make);
			finding.set(stream, found);
			// Not at once: who waits already goes first.
			const done = () => void setImmediate(() => finding.delete(stream));
			found.then(done, done);
			return found;
		},
	};
}
