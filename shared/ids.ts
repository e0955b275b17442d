/** A UUID in its 36-character form. Notes, invitations and commands are named by their maker with version 7 (RFC 9562), which sorts by time. */
export const uuidPattern = '^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';
export const uuidV7Pattern = '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';
/** A secret in a link: 256 random bits as base64url. */
export const secretPattern = '^[A-Za-z0-9_-]{43}$';
/** The id of a call: the gateway's name, then what the platform calls it. */
export const callIdPattern = '^[a-z]+-[A-Za-z0-9_.-]{1,80}$';
