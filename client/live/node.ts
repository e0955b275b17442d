import { WebSocket } from 'ws';
import type { OpenSocket, Socket } from '#client/live/socket.ts';
import { rest } from '#client/rest/rest.ts';
import { secretPattern } from '#shared/ids.ts';
import type { Person, Role } from '#shared/people.ts';

/** Sockets of a Node program that shows this cookie. A browser shows its own by itself. */
export const nodeSocket =
	(cookie: string): OpenSocket =>
	(url) => {
		const socket = new WebSocket(url, { headers: { cookie }, perMessageDeflate: false });
		// What went wrong is told by the close that follows; unheard, it would end the program.
		socket.on('error', () => {});
		return socket as unknown as Socket;
	};

/** Whom a link made of this program, and what `openConnection` needs to be that person. */
export interface SignedInHere {
	/** The live socket's address. */
	url: string;
	role: Role;
	person: Person;
	openSocket: OpenSocket;
	/** Where an invitation leads to. */
	callId?: string;
}

/** A link as Ycord prints it: where it leads, what it is, and its secret. */
const linkForm = /^\/(enter|listen)\/([\w-]+)\/?$/;

/**
 * Opens a sign-in link (`https://host/enter/…`) or an invitation (`https://host/listen/…`) as a browser would: it works
 * once, and an invitation is accepted by it. Rejects with `RestRefused`; with `TypeError` what is no such link.
 */
export async function signInWith(link: string): Promise<SignedInHere> {
	const { origin, protocol, pathname } = new URL(link);
	const [, kind, secret] = linkForm.exec(pathname) ?? [];
	if (!secret || !/^https?:$/.test(protocol))
		throw new TypeError('This is no link of Ycord: it begins with http and holds /enter/ or /listen/.');
	if (!new RegExp(secretPattern).test(secret))
		throw new TypeError('This link is not whole. Copy all of it, or ask for a new one.');
	let cookie = '';
	const server = rest(async (path, init) => {
		const answer = await fetch(new URL(path, origin), init);
		cookie = answer.headers
			.getSetCookie()
			.map((one) => one.split(';')[0])
			.join('; ');
		return answer;
	});
	const { person, callId } =
		kind === 'enter' ? { ...(await server.signIn(secret)), callId: undefined } : await server.openInvitation(secret);
	const { role } = person;
	const url = `${origin.replace(/^http/, 'ws')}/live?as=${role}`;
	return { url, role, person, openSocket: nodeSocket(cookie), ...(callId === undefined ? {} : { callId }) };
}
