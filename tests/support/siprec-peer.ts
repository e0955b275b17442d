import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { v4 as uuid } from 'uuid';
import { rtpPacket } from '#tests/support/rtp-packet.ts';

/** How a recorder is to behave. */
export interface SiprecPeerOptions {
	/** Where the recording server hears SIP. */
	port: number;
	host?: string;
	over?: 'udp' | 'tcp' | 'tls';
	/** The scheme it asks by; `sip` unless said. */
	scheme?: 'sip' | 'sips';
	callId?: string;
	customer?: string;
	agent?: string;
	/** Instead of the two usual `m=` lines, metadata, or content type. */
	media?: string[];
	metadata?: string;
	contentType?: string;
	body?: string;
	require?: string;
	/** `0` PCMU, `8` PCMA. */
	payloadType?: number;
	/** More header lines for INVITE. */
	headers?: string[];
}

/** A SIP answer or request, as far as a test looks at it. */
export interface SipHeard {
	first: string;
	status: number;
	head: string;
	body: string;
	header(name: string): string | undefined;
}

/** A recorder (SRC), written from RFC 7866: invites, acknowledges, sends both legs as RTP, holds, hangs up. */
export interface SiprecPeer {
	readonly callId: string;
	/** Everything that was heard by SIP, oldest first. */
	readonly heard: SipHeard[];
	when(fits: (one: SipHeard) => boolean): Promise<SipHeard>;
	/** Sends INVITE; resolves with the final answer, acknowledged. */
	invite(): Promise<SipHeard>;
	/** The dialog goes on: another offer of the same two lines, with this direction, or without a body. */
	again(method: 'INVITE' | 'UPDATE', direction?: 'sendonly' | 'inactive'): Promise<SipHeard>;
	bye(): Promise<SipHeard>;
	cancel(): Promise<SipHeard>;
	ask(method: string, headers?: string[], inDialog?: boolean, body?: string): Promise<SipHeard>;
	/** Both legs at once, as packets of 20 ms. */
	play(customer: Uint8Array, agent: Uint8Array): Promise<void>;
	/** One packet's worth of one leg. */
	rtp(leg: 0 | 1, bytes: Uint8Array): void;
	raw(text: string | Uint8Array): void;
	/** How many datagrams came to where its sound is sent from. */
	readonly mediaHeard: number;
	/** Whether the server said goodbye. */
	readonly wasHungUp: boolean;
	/** Answers nothing any more. */
	deafen(): void;
	/** Closes its connection for SIP, and goes on with its sound. Resolves when the server has closed its end too. */
	hangConnection(): Promise<void>;
	close(): void;
}

const metadataOf = (customer: string, agent: string) => `<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns='urn:ietf:params:xml:ns:recording:1'>
<datamode>complete</datamode>
<session session_id="hVpd7YQgRW2nD22h7q60JQ=="><sipSessionID>ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2</sipSessionID></session>
<participant participant_id="srfBElmCRp2QB23b7Mpk0w=="><nameID aor="${customer}"><name xml:lang="en">A customer</name></nameID></participant>
<participant participant_id="zSfPoSvdSDCmU3A3TRDxAw=="><nameID aor="${agent}"/></participant>
<stream stream_id="UAAMm5GRQKSCMVvLyl4rFw==" session_id="hVpd7YQgRW2nD22h7q60JQ=="><label>96</label></stream>
<stream stream_id="i1Pz3to5hGk8fuXl+PbwCw==" session_id="hVpd7YQgRW2nD22h7q60JQ=="><label>97</label></stream>
<participantstreamassoc participant_id="srfBElmCRp2QB23b7Mpk0w=="><send>UAAMm5GRQKSCMVvLyl4rFw==</send><recv>i1Pz3to5hGk8fuXl+PbwCw==</recv></participantstreamassoc>
<participantstreamassoc participant_id="zSfPoSvdSDCmU3A3TRDxAw=="><send>i1Pz3to5hGk8fuXl+PbwCw==</send></participantstreamassoc>
</recording>`;

export async function siprecPeer(options: SiprecPeerOptions): Promise<SiprecPeer> {
	const { port, host = '127.0.0.1', over = 'udp', payloadType = 0, callId = uuid() } = options;
	const { customer = 'sip:+15550100477@sbc.example.com', agent = 'sip:ann@pbx.example.com' } = options;
	let mediaHeard = 0;
	const media = [createSocket('udp4'), createSocket('udp4')] as const;
	for (const socket of media) {
		socket.bind(0, host);
		await once(socket, 'listening');
		socket.on('message', () => mediaHeard++);
	}
	const wire = over === 'udp' ? await udpWire(host, port, taken) : await streamWire(over, host, port, taken);
	const tag = uuid().slice(0, 8);
	const own = `sip:src@${host}:${wire.port};transport=${over}`;
	const target = `${options.scheme ?? 'sip'}:ycord@${host}:${port}`;
	const heard: SipHeard[] = [];
	const waiting = new Set<() => void>();
	let [cseq, version, toHeader, isDeaf, wasHungUp, inviteBranch] = [0, 1, `<${target}>`, false, false, ''];
	let serverPorts: number[] = [];
	const streams = [0, 1].map((place) => ({
		sequence: 65_530 + place,
		timestamp: 2 ** 32 - 800 * place,
		ssrc: 7 + place,
	}));

	function taken(text: string) {
		if (isDeaf) return;
		const [head = '', body = ''] = split(text);
		const [first = ''] = head.split('\r\n');
		const one: SipHeard = {
			first,
			status: Number(/^SIP\/2\.0 (\d+)/.exec(first)?.[1] ?? 0),
			head,
			body,
			header: (name) => new RegExp(`^${name}\\s*:\\s*(.*)$`, 'im').exec(head)?.[1]?.trim(),
		};
		if (one.status === 0) {
			// A request of the server's: BYE ends us, anything else is agreed to.
			if (first.startsWith('BYE')) wasHungUp = true;
			const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${one.header(name)}`);
			send(['SIP/2.0 200 OK', ...copied].join('\r\n'));
		}
		heard.push(one);
		for (const look of [...waiting]) look();
	}

	function send(head: string, body = '') {
		wire.send(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
	}

	function when(fits: (one: SipHeard) => boolean, from = 0): Promise<SipHeard> {
		return new Promise((resolve) => {
			const look = () => {
				const found = heard.slice(from).find(fits);
				if (!found) return;
				waiting.delete(look);
				resolve(found);
			};
			waiting.add(look);
			look();
		});
	}

	const dialogHead = (method: string, number: number, branch: string, more: readonly string[] = []) =>
		[
			`${method} ${target} SIP/2.0`,
			`Via: SIP/2.0/${over.toUpperCase()} ${host}:${wire.port};branch=${branch};rport`,
			'Max-Forwards: 70',
			`From: "Recorder, one" <sip:src@sbc.example.com>;tag=${tag}`,
			`To: ${toHeader}`,
			`Call-ID: ${callId}`,
			`CSeq: ${number} ${method}`,
			...more,
		].join('\r\n');

	async function ask(method: string, more: string[] = [], body = ''): Promise<SipHeard> {
		const number = ++cseq;
		const from = heard.length;
		const branch = `z9hG4bK${uuid()}`;
		if (method === 'INVITE') inviteBranch = branch;
		send(dialogHead(method, number, branch, more), body);
		const answer = await when(({ status, header }) => status >= 200 && header('CSeq') === `${number} ${method}`, from);
		if (method === 'INVITE') {
			if (answer.status < 300) toHeader = answer.header('To') ?? toHeader;
			const ackBranch = answer.status < 300 ? `z9hG4bK${uuid()}` : branch;
			const head = dialogHead('ACK', number, ackBranch).replace(/^To: .*$/m, `To: ${answer.header('To')}`);
			send(head);
		}
		return answer;
	}

	const sdp = (direction: string) =>
		[
			'v=0',
			`o=src 1 ${version++} IN IP4 ${host}`,
			's=-',
			`c=IN IP4 ${host}`,
			't=0 0',
			...(options.media ??
				media.flatMap((socket, place) => [
					`m=audio ${socket.address().port} RTP/AVP ${payloadType} 101`,
					`a=rtpmap:101 telephone-event/8000`,
					`a=${direction}`,
					`a=label:${96 + place}`,
				])),
			'',
		].join('\r\n');

	const offer = (direction: string) => {
		const metadata = options.metadata ?? metadataOf(customer, agent);
		const parts = [
			`Content-Type: application/sdp\r\n\r\n${sdp(direction)}`,
			`Content-Type: application/rs-metadata+xml\r\nContent-Disposition: recording-session\r\n\r\n${metadata}`,
		];
		const body = options.body ?? `${parts.map((part) => `--one\r\n${part}\r\n`).join('')}--one--\r\n`;
		return { type: options.contentType ?? 'multipart/mixed;boundary=one', body };
	};

	const noteAnswer = (answer: SipHeard) => {
		if (answer.status === 200 && answer.body)
			serverPorts = [...answer.body.matchAll(/^m=audio (\d+)/gm)].map(([, given]) => Number(given));
		return answer;
	};

	return {
		callId,
		heard,
		when: (fits) => when(fits),
		async invite() {
			const { type, body } = offer('sendonly');
			const lines = [
				`Contact: <${own}>;+sip.src`,
				`Require: ${options.require ?? 'siprec'}`,
				'Supported: timer',
				...(options.headers ?? []),
				`Content-Type: ${type}`,
			];
			return noteAnswer(await ask('INVITE', lines, body));
		},
		async again(method, direction) {
			const contact = `Contact: <${own}>;+sip.src`;
			if (!direction) return noteAnswer(await ask(method, [contact]));
			const { type, body } = offer(direction);
			return noteAnswer(await ask(method, [contact, `Content-Type: ${type}`], body));
		},
		bye: () => ask('BYE'),
		async cancel() {
			const from = heard.length;
			send(dialogHead('CANCEL', cseq, inviteBranch));
			return when(({ header }) => header('CSeq') === `${cseq} CANCEL`, from);
		},
		async ask(method, headers, inDialog = true, body = '') {
			const kept = toHeader;
			if (!inDialog) toHeader = `<${target}>`;
			const answered = ask(method, headers, body);
			toHeader = kept;
			return answered;
		},
		rtp(leg, bytes) {
			const to = serverPorts[leg];
			if (to) media[leg].send(bytes, to, host);
		},
		async play(customerSound, agentSound) {
			for (let from = 0; from < Math.max(customerSound.length, agentSound.length); from += 160) {
				for (const [place, sound] of [customerSound, agentSound].entries()) {
					const to = serverPorts[place];
					const stream = streams[place];
					if (!to || !stream) continue;
					const payload = sound.subarray(from, from + 160);
					const packet = rtpPacket({ ...stream, payloadType, payload });
					stream.sequence++;
					stream.timestamp += payload.length;
					await new Promise((resolve) => media[place as 0 | 1].send(packet, to, host, resolve));
				}
			}
		},
		raw: (text) => wire.send(text),
		get mediaHeard() {
			return mediaHeard;
		},
		get wasHungUp() {
			return wasHungUp;
		},
		deafen() {
			isDeaf = true;
		},
		hangConnection: () => wire.end(),
		close() {
			wire.close();
			for (const socket of media) socket.close();
		},
	};
}

const split = (text: string): [string, string] => {
	const end = text.indexOf('\r\n\r\n');
	return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 4)];
};

interface Wire {
	port: number;
	send(text: string | Uint8Array): void;
	end(): Promise<void>;
	close(): void;
}

async function udpWire(host: string, port: number, taken: (text: string) => void): Promise<Wire> {
	const socket: UdpSocket = createSocket('udp4');
	socket.bind(0, host);
	await once(socket, 'listening');
	socket.on('message', (bytes) => taken(bytes.toString()));
	return {
		port: socket.address().port,
		send: (text) => socket.send(text, port, host),
		end: async () => {},
		close: () => socket.close(),
	};
}

async function streamWire(
	over: 'tcp' | 'tls',
	host: string,
	port: number,
	taken: (text: string) => void,
): Promise<Wire> {
	// Its certificate is one of the tests' own.
	const socket: Socket = over === 'tls' ? connectTls({ host, port, rejectUnauthorized: false }) : connect(port, host);
	await once(socket, over === 'tls' ? 'secureConnect' : 'connect');
	let kept = '';
	socket.on('data', (bytes) => {
		kept += bytes.toString('latin1');
		for (;;) {
			const end = kept.indexOf('\r\n\r\n');
			if (end < 0) return;
			const length = Number(/^Content-Length\s*:\s*(\d+)/im.exec(kept.slice(0, end))?.[1] ?? 0);
			if (kept.length < end + 4 + length) return;
			taken(kept.slice(0, end + 4 + length));
			kept = kept.slice(end + 4 + length);
		}
	});
	socket.on('error', () => {});
	return {
		port: socket.localPort ?? 0,
		send: (text) => {
			socket.write(text);
		},
		async end() {
			socket.end();
			await once(socket, 'close');
		},
		close: () => socket.destroy(),
	};
}
