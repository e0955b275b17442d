import type { Asked, SipAsk } from '#server/telephony/sip/endpoint.ts';
import { addressOf, headerOf } from '#server/telephony/sip/message.ts';

/** A dialog that the other side began with an INVITE. (RFC 3261, 12) */
export interface Dialog {
	/** Whether this request is a new one, and where it came from from now on. An older one than the last is not. */
	takes(asked: Asked): boolean;
	/** The other side is to be asked where this request says, if it does. */
	moved(asked: Asked): void;
	/** Asks in the dialog, where the other side's last message came from or its Contact says. */
	ask(method: string, told: (status: number) => void): void;
}

export function dialog(
	first: Asked,
	toTag: string,
	send: (ask: SipAsk, told: (status: number) => void) => void,
): Dialog {
	const { request } = first;
	let { peer, cseq } = first;
	let ownCseq = 0;
	let target = headerOf(request, 'contact') ?? headerOf(request, 'from') ?? '';
	return {
		takes(asked) {
			({ peer } = asked);
			if (asked.cseq <= cseq) return false;
			({ cseq } = asked);
			return true;
		},
		moved(asked) {
			target = headerOf(asked.request, 'contact') ?? target;
		},
		ask(method, told) {
			const [, host, port] = /^sips?:(?:[^@>]*@)?(\[[^\]]+\]|[^:;>]+)(?::(\d{1,5}))?/i.exec(addressOf(target)) ?? [];
			const isThere = host === peer.address || host === `[${peer.address}]`;
			const routes = (request.headers.get('record-route') ?? []).map((route) => ['Route', route] as const);
			send(
				{
					peer,
					port: isThere && port ? Number(port) : undefined,
					method,
					uri: addressOf(target),
					headers: [
						...routes,
						['From', `${headerOf(request, 'to')};tag=${toTag}`],
						['To', headerOf(request, 'from')],
						['Call-ID', first.callId],
						['CSeq', `${++ownCseq} ${method}`],
					],
				},
				told,
			);
		},
	};
}
