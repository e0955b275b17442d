import type { SessionEvent } from '#server/domain/session.ts';

/** One line of a journal to be written: who recorded what of which call. */
export interface Line {
	stream: string;
	by: string;
	event: SessionEvent;
}

const eve = { id: 'eve', name: 'Eve Executive', role: 'executive' } as const;
const ed = { id: 'ed', name: 'Ed Executive', role: 'executive' } as const;
const sue = { id: 'sue', name: 'Sue Supervisor', role: 'supervisor' } as const;
const facts = {
	gateway: 'twilio',
	rehearsal: false,
	agentId: 'ann',
	agentName: 'Ann Agent',
	team: 'Orders',
	disclosure: 'notice',
} as const;
const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const noteId = (n: number) => `01890000-0000-7000-8000-00000000000${n}`;
const invite = (listener: typeof eve | typeof ed, n: number) =>
	({ type: 'invited', listeningId: id(n), listener, secretHash: `hash ${n}`, expiresAtMs: 1_700_003_600_000 }) as const;
const note = (n: number, author: typeof eve | typeof sue, text: string, lane: 'team' | 'private' | 'leadership') =>
	({ type: 'note-written', noteId: noteId(n), kind: 'pinhole', lane, text, anchorMs: n * 1000, author }) as const;

/** A call with every type of event that release 0.1 has, but for its erasing. */
export const oneCall: Line[] = [
	{ by: 'gateway:twilio', event: { type: 'call-started', facts: { ...facts, label: 'Order enquiry …4711' } } },
	{ by: 'ann', event: invite(eve, 1) },
	{ by: 'eve', event: { type: 'invitation-accepted', listeningId: id(1) } },
	{ by: 'eve', event: { type: 'listening-started', listeningId: id(1), disclosure: 'notice' } },
	{ by: 'ann', event: invite(ed, 2) },
	{ by: 'ed', event: { type: 'invitation-declined', listeningId: id(2) } },
	{ by: 'ann', event: invite(ed, 3) },
	{ by: 'ann', event: { type: 'invitation-withdrawn', listeningId: id(3) } },
	{ by: 'sue', event: { type: 'joined', listeningId: id(4), listener: sue } },
	{ by: 'eve', event: note(1, eve, 'They hold for minutes – “again”.', 'team') },
	{ by: 'sue', event: note(2, sue, 'Schön gelöst 👏', 'leadership') },
	{ by: 'sue', event: { ...note(4, sue, 'Told Eve #praise', 'leadership'), replyTo: noteId(2) } },
	{
		by: 'eve',
		event: { type: 'note-edited', noteId: noteId(1), kind: 'suggestion', text: 'They hold for 11 minutes.' },
	},
	{ by: 'sue', event: { type: 'note-widened', noteId: noteId(2), lane: 'team' } },
	{
		by: 'ann',
		event: {
			type: 'note-heard',
			noteId: noteId(1),
			heard: true,
			person: { ...eve, id: 'ann', name: 'Ann Agent', role: 'agent' },
		},
	},
	{
		by: 'sue',
		event: { type: 'note-linked', noteId: noteId(2), to: { callId: 'twilio-CA01', noteId: noteId(1) }, linked: true },
	},
	{ by: 'sue', event: { type: 'note-deleted', noteId: noteId(4) } },
	{ by: 'ann', event: { type: 'call-protected' } },
	{ by: 'ann', event: { type: 'call-unprotected' } },
	{ by: 'gateway:twilio', event: { type: 'call-held' } },
	{ by: 'gateway:twilio', event: { type: 'call-resumed' } },
	{ by: 'gateway:twilio', event: { type: 'call-lost' } },
	{ by: 'gateway:twilio', event: { type: 'call-restored' } },
	{ by: 'eve', event: { type: 'sound-refused', listeningId: id(1), bytes: 176 } },
	{ by: 'sue', event: { type: 'listener-removed', listeningId: id(1) } },
	{
		by: 'eve',
		event: { type: 'listening-stopped', listeningId: id(1), reason: 'removed', audibleMs: 61_000, lostMs: 20 },
	},
	{ by: 'gateway:twilio', event: { type: 'call-ended', reason: 'hung-up' } },
].map((line) => ({ stream: 'twilio-CA01', ...line }) as Line);

/** A call that was erased. */
export const erasedCall: Line[] = [
	{ by: 'gateway:twilio', event: { type: 'call-started', facts: { ...facts, label: 'A caller by name' } } },
	{ by: 'eve', event: note(3, eve, 'What nobody may read any more.', 'private') },
	{ by: 'gateway:twilio', event: { type: 'call-ended', reason: 'lost' } },
	{ by: 'operator', event: { type: 'call-erased' } },
].map((line) => ({ stream: 'twilio-CA02', ...line }) as Line);
