import type { AppendWork } from '#server/journal/group-commit.ts';
import type { RecordedText } from '#server/journal/journal.ts';

/** The keys of one journal. They share a hash tag, so that a cluster keeps them on one node. */
export const keysOf = (site: string) => ({
	/** What the journal is called, for good. */
	name: `ycord:{${site}}:id`,
	/** All events in order: a stream whose entries are `1-0`, `2-0`, `3-0` … */
	journal: `ycord:{${site}}:journal`,
	/** The positions of one call's events; as long as the call has versions. */
	streamOf: (stream: string) => `ycord:{${site}}:stream:${stream}`,
	/** The connection below which nothing of one writer is taken any more; there only for a day after it lost one. */
	fenceOf: (writer: string) => `ycord:{${site}}:writer:${writer}`,
});

/** What an entry of the stream looks like to a client of Redis. */
export type Entry = [id: string, fields: string[]];

/** An append, as the script takes it: what it is known by, what it expects, and its events. */
export const asArguments = ({ stream, expected, entries }: AppendWork, token: string): (string | number)[] => {
	const args: (string | number)[] = [token, expected, entries.length];
	for (const [index, { by, atMs, event }] of entries.entries()) {
		const { type, typeVersion, body } = event;
		args.push(JSON.stringify({ stream, version: expected + index + 1, by, atMs, type, typeVersion }), body);
	}
	return args;
};

/** The record in an entry; throws an Error that names the entry when it is none of ours. */
export function recordOf(entry: unknown): RecordedText {
	const [id = 'nothing', fields = []] = entry as Partial<Entry>;
	try {
		const seq = Number(/^([1-9]\d*)-0$/.exec(id)?.[1]);
		const [, , aboutName, aboutText = '', bodyName, body = ''] = fields;
		const { stream, version, by, atMs, type, typeVersion } = JSON.parse(aboutText);
		if (!Number.isSafeInteger(seq) || aboutName !== 'about' || bodyName !== 'body') throw new Error();
		return { seq, stream, version, by, atMs, event: { type, typeVersion, body } };
	} catch {
		throw new Error(`the journal holds ${id} where an event should be`);
	}
}
