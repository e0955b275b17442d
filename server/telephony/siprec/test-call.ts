import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { TestCall, TestSignal } from '#server/telephony/desk.ts';
import type { RtpConfig } from '#server/telephony/rtp/settings.ts';
import { type TestPhone, testPhone } from '#server/telephony/rtp/test-phone.ts';
import { readSdp } from '#server/telephony/sdp/sdp.ts';
import { newTag } from '#server/telephony/sip/endpoint.ts';
import {
	type HeaderLines,
	headerOf,
	isRequest,
	readDatagram,
	type SipResponse,
	writeMessage,
} from '#server/telephony/sip/message.ts';
import type { SiprecConfig } from '#server/telephony/siprec/settings.ts';
import type { SiprecGateway } from '#server/telephony/siprec/siprec.ts';
import type { Clock } from '#shared/clock.ts';

export interface SiprecTestNeeds {
	config: NonNullable<SiprecConfig['siprec']>;
	rtp: Pick<RtpConfig['rtp'], 'host'>;
	/** Our own recording server, once it is open. */
	gateway: () => Pick<SiprecGateway, 'port' | 'expect'> | undefined;
	clock: Clock;
}

/** On this machine an answer is there at once, or never. */
const answerWithinMs = 2000;

/** Plays a recorder against our own door: INVITE over UDP with description and metadata, both voices as RTP, BYE. */
export async function siprecTestCall(needs: SiprecTestNeeds, signal: TestSignal): Promise<TestCall> {
	const host = reachable(needs.rtp.host);
	const phones = [await testPhone(host), await testPhone(host)] as const;
	let recorder: Recorder | undefined;
	const close = () => {
		recorder?.close();
		for (const phone of phones) phone.close();
	};
	try {
		recorder = await recorderFor(needs, signal.platformId);
		const answer = await recorder.ask('INVITE', inviteHeaders, offer(host, phones, signal.agent));
		if (answer.status !== 200) throw new Error(`Ycord did not take the recording: ${answer.status} ${answer.reason}.`);
		recorder.acknowledge(answer);
		const description = readSdp(answer.body.toString());
		const lines = 'wrong' in description ? [] : description.media;
		for (const [place, phone] of phones.entries()) phone.to = { host, port: lines[place]?.port ?? 0 };
	} catch (error) {
		close();
		throw error;
	}
	const { ask, wasHungUp } = recorder;
	return {
		get refusal() {
			return wasHungUp() ? 'Ycord hung up.' : undefined;
		},
		play(from, samples) {
			phones[0].say(signal.customer.subarray(from, from + samples), from);
			phones[1].say(signal.agentVoice.subarray(from, from + samples), from);
		},
		async hangUp() {
			// What does not answer any more is over too.
			await ask('BYE', []).catch(() => undefined);
			close();
		},
	};
}

/** The recorder's side of a dialog: one request at a time. */
interface Recorder {
	ask(method: string, headers: HeaderLines, body?: string): Promise<SipResponse>;
	acknowledge(answer: SipResponse): void;
	wasHungUp(): boolean;
	close(): void;
}

async function recorderFor({ config, gateway, clock }: SiprecTestNeeds, callId: string): Promise<Recorder> {
	const server = gateway();
	if (!server) throw new Error('The recording server is not open.');
	const host = reachable(config.host);
	const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
	await new Promise<void>((resolve, reject) => {
		socket.once('error', reject);
		socket.bind(0, host, resolve);
	});
	socket.on('error', () => {});
	const own = `${isIPv6(host) ? `[${host}]` : host}:${socket.address().port}`;
	const leave = server.expect(host, socket.address().port);
	const target = `sip:ycord@${host}`;
	const from = `<sip:ycord-test@${own}>;tag=${newTag()}`;
	let to = `<${target}>`;
	let cseq = 0;
	let isHungUp = false;
	let answered: ((answer: SipResponse) => void) | undefined;
	socket.on('message', (bytes) => {
		const read = readDatagram(bytes);
		if ('wrong' in read) return;
		if (isRequest(read.message)) isHungUp ||= read.message.method === 'BYE';
		else if (read.message.status >= 200) answered?.(read.message);
	});
	function send(method: string, headers: HeaderLines, body?: string) {
		const common: HeaderLines = [
			['Via', `SIP/2.0/UDP ${own};branch=z9hG4bK${newTag()};rport`],
			['Max-Forwards', '70'],
			['From', from],
			['To', to],
			['Call-ID', callId],
			['CSeq', `${cseq} ${method}`],
			['Contact', `<sip:ycord-test@${own}>;+sip.src`],
		];
		socket.send(
			writeMessage(`${method} ${target} SIP/2.0`, [...common, ...headers], body),
			server?.port ?? 0,
			host,
			() => {},
		);
	}
	return {
		ask(method, headers, body) {
			cseq++;
			return new Promise((resolve, reject) => {
				const stop = clock.after(answerWithinMs, () => reject(new Error(`Ycord did not answer ${method}.`)));
				answered = (answer) => {
					if (headerOf(answer, 'cseq') !== `${cseq} ${method}`) return;
					stop();
					resolve(answer);
				};
				send(method, headers, body);
			});
		},
		acknowledge(answer) {
			to = headerOf(answer, 'to') ?? to;
			send('ACK', []);
		},
		wasHungUp: () => isHungUp,
		close() {
			leave();
			socket.close();
		},
	};
}

/** Where what listens on this address is reached from this machine. */
const reachable = (host: string) => ({ '0.0.0.0': '127.0.0.1', '::': '::1' })[host] ?? host;

const inviteHeaders: HeaderLines = [
	['Require', 'siprec'],
	['Content-Type', 'multipart/mixed;boundary=parts'],
];

function offer(host: string, phones: readonly TestPhone[], agent: string): string {
	const family = isIPv6(host) ? 'IP6' : 'IP4';
	const sdp = ['v=0', `o=ycord 1 1 IN ${family} ${host}`, 's=-', `c=IN ${family} ${host}`, 't=0 0'];
	for (const [place, { port }] of phones.entries())
		sdp.push(`m=audio ${port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', 'a=sendonly', `a=label:${place}`);
	return [
		'--parts',
		'Content-Type: application/sdp',
		'',
		...sdp,
		'',
		'--parts',
		'Content-Type: application/rs-metadata+xml',
		'Content-Disposition: recording-session',
		'',
		metadata(agent),
		'--parts--',
		'',
	].join('\r\n');
}

/** With an address that fits no pattern of an operator's: then who called is told by a vendor's word for it. */
const metadata = (agent: string) =>
	`<recording xmlns="urn:ietf:params:xml:ns:recording:1">${[
		{ id: 'c', aor: 'sip:test@customer.invalid', isCaller: true },
		{ id: 'a', aor: `sip:${agent}@agent.invalid`, isCaller: false },
	]
		.map(
			({ id, aor, isCaller }, place) =>
				`<participant participant_id="${id}"><nameID aor="${aor}"/><callingParty>${isCaller}</callingParty></participant>` +
				`<stream stream_id="${id}s"><label>${place}</label></stream>` +
				`<participantstreamassoc participant_id="${id}"><send>${id}s</send></participantstreamassoc>`,
		)
		.join('')}</recording>`;
