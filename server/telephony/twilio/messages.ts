/** What we say on a bidirectional stream; on any other we say nothing. [S2] */
export const mediaMessage = (streamSid: string, payload: Uint8Array) =>
	JSON.stringify({ event: 'media', streamSid, media: { payload: Buffer.from(payload).toString('base64') } });
/** Forgets what Twilio has of us and has not played yet. */
export const clearMessage = (streamSid: string) => JSON.stringify({ event: 'clear', streamSid });
/** Comes back when Twilio has played what was said before it, or forgotten it. */
export const markMessage = (streamSid: string, name: string) =>
	JSON.stringify({ event: 'mark', streamSid, mark: { name } });
