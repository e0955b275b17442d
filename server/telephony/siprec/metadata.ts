import { allOf, readXml, type XmlElement } from '#server/telephony/siprec/xml.ts';

/** Somebody on the recorded call. */
export interface Participant {
	id: string;
	/** Their address of record, such as `sip:ann@pbx.example.com` or `tel:+1…`. */
	aor?: string;
	/** The labels of the streams they speak on. */
	speaksOn: string[];
	/** Where a vendor says so: whether this is who called. */
	isCaller?: boolean;
}

/** What a recording session's metadata says, as far as we need it. (RFC 7865) */
export interface RecordingMetadata {
	participants: Participant[];
}

const noMetadata: RecordingMetadata = { participants: [] };
const maxParticipants = 50;
/** What is longer is no address; nor is an operator's pattern tried on it. */
const maxAorChars = 300;

/**
 * Reads `application/rs-metadata+xml`, also as vendors write it: by local names, with `id` for `participant_id` and `send` within
 * the participant (Acme's older form), or under another root (BroadWorks). What cannot be read is as if it were not there.
 */
export function readMetadata(text: string): RecordingMetadata {
	const root = readXml(text);
	if (!root) return noMetadata;
	const labels = new Map<string, string>();
	for (const stream of allOf(root, 'stream')) {
		const label = childText(stream, 'label');
		const id = idOf(stream, 'stream_id');
		if (id && label) labels.set(id, label);
	}
	const participants = new Map<string, Participant>();
	const sendsOf = (element: XmlElement) =>
		element.children.filter(({ name }) => name === 'send').map(({ text }) => text.trim());
	for (const element of allOf(root, 'participant').slice(0, maxParticipants)) {
		const id = idOf(element, 'participant_id');
		if (!id) continue;
		const aor = allOf(element, 'nameID')[0]?.attributes.get('aor') ?? childText(element, 'aor');
		// Acme's word for it, and Intrado's.
		const caller = allOf(element, 'callingParty')[0]?.text.trim() ?? callerRoles.get(childText(element, 'role') ?? '');
		participants.set(id, {
			id,
			speaksOn: sendsOf(element),
			...(aor && aor.length <= maxAorChars ? { aor } : {}),
			...(caller === 'true' || caller === 'false' ? { isCaller: caller === 'true' } : {}),
		});
	}
	for (const association of allOf(root, 'participantstreamassoc'))
		participants.get(idOf(association, 'participant_id') ?? '')?.speaksOn.push(...sendsOf(association));
	for (const one of participants.values()) one.speaksOn = one.speaksOn.map((stream) => labels.get(stream) ?? stream);
	return { participants: [...participants.values()] };
}

const callerRoles: ReadonlyMap<string, string> = new Map([
	['calling', 'true'],
	['called', 'false'],
]);
const idOf = ({ attributes }: XmlElement, name: string) => attributes.get(name) ?? attributes.get('id');
const childText = ({ children }: XmlElement, name: string) => children.find((one) => one.name === name)?.text.trim();
