/** What an INVITE to a recording server carries. (RFC 7866, 9.1) */
export interface RecordingBody {
	sdp?: string;
	metadata?: string;
}

const maxParts = 20;

/**
 * Takes a body apart: session description and metadata, in any order, with whatever else stands between them (RFC 2046, 5.1).
 * Undefined: a content type that holds no session description.
 */
export function readBody(contentType: string | undefined, body: Buffer): RecordingBody | undefined {
	if (body.length === 0) return {};
	const type = mediaType(contentType);
	if (type === 'application/sdp') return { sdp: body.toString() };
	if (isMetadata(type)) return { metadata: body.toString() };
	if (!type.startsWith('multipart/')) return undefined;
	const boundary = /;\s*boundary\s*=\s*(?:"([^"]{1,100})"|([^\s;"]{1,100}))/i.exec(contentType ?? '');
	if (!boundary) return undefined;
	const found: RecordingBody = {};
	for (const part of partsOf(body.toString(), boundary[1] ?? boundary[2] ?? '')) {
		const end = /\r?\n\r?\n/.exec(part);
		// A part may have no headers of its own: then it begins with the empty line.
		const head = part.startsWith('\r\n') || part.startsWith('\n') ? '' : part.slice(0, end?.index ?? 0);
		const content = head === '' ? part.replace(/^\r?\n/, '') : part.slice((end?.index ?? 0) + (end?.[0].length ?? 0));
		const is = mediaType(/^content-type[ \t]*:[ \t]*(.*)$/im.exec(head)?.[1]);
		if (is === 'application/sdp') found.sdp ??= content;
		else if (isMetadata(is)) found.metadata ??= content;
	}
	return found;
}

/** Between delimiter lines; the line break before a delimiter is the delimiter's. */
function partsOf(text: string, boundary: string): string[] {
	const pieces = `\n${text}`.split(`\n--${boundary}`, maxParts + 2).slice(1);
	const last = pieces.findIndex((piece) => piece.startsWith('--'));
	return (last < 0 ? pieces : pieces.slice(0, last)).map((piece) =>
		piece.replace(/^[ \t]*\r?\n/, '').replace(/\r$/, ''),
	);
}

const mediaType = (value: string | undefined) => value?.split(';')[0]?.trim().toLowerCase() ?? '';
const isMetadata = (type: string) => type === 'application/rs-metadata+xml' || type === 'application/rs-metadata';
