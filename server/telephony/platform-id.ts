import { createHash } from 'node:crypto';

/** A platform's own name for a call as the port takes it: itself where that can be, else its hash. SIP lets a Call-ID be nearly anything. */
export const platformIdOf = (name: string) =>
	/^[A-Za-z0-9_.-]{1,80}$/.test(name) ? name : createHash('sha256').update(name).digest('hex').slice(0, 40);
