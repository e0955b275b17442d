import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** What sipp, a recorder of somebody else's making, is to do. */
export interface SippRun {
	/** Where the recording server hears SIP. */
	port: number;
	over: 'udp' | 'tcp';
	/** How many calls, all of them at once. */
	calls: number;
	/** Of its own messages, how many in a hundred it does not send. */
	lost?: number;
	/** Puts the call on hold and takes it off again before it hangs up. */
	holds?: boolean;
	/** µ-law for the first stream, sent as RTP before it hangs up. */
	says?: Uint8Array;
}

const program = process.env.YCORD_TEST_SIPP ?? 'sipp';

/** Runs sipp to its end; `said` is what it printed, with its own log of errors, when it is over. Rejects if it is not installed. */
export async function sipp(run: SippRun): Promise<{ code: number | null; said: string }> {
	const { path, remove } = await temporaryFolder();
	onTestFinished(remove);
	const audio = join(path, 'says.ul');
	if (run.says) await writeFile(audio, run.says);
	const scenario = join(path, 'recorder.xml');
	await writeFile(scenario, scenarioOf(run, audio));
	const args = [
		`127.0.0.1:${run.port}`,
		...['-sf', scenario, '-i', '127.0.0.1', '-mi', '127.0.0.1', '-nostdin', '-s', 'ycord'],
		...['-t', run.over === 'udp' ? 'u1' : 't1', '-m', String(run.calls), '-l', String(run.calls)],
		...['-r', String(run.calls), '-trace_err', '-timeout', '60', '-timeout_error'],
		...(run.lost === undefined ? [] : ['-lost', String(run.lost)]),
	];
	const child = spawn(program, args, { cwd: path, stdio: ['ignore', 'pipe', 'pipe'] });
	onTestFinished(() => void child.kill('SIGKILL'));
	let said = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
	return new Promise((resolve, reject) => {
		child.once('error', () => reject(new Error('No sipp: `npm test` installs one, or name one in YCORD_TEST_SIPP.')));
		child.once('close', (code) => resolve({ code, said }));
	});
}

const sdp = (direction: string) => `v=0
o=src 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0 101
a=rtpmap:101 telephone-event/8000
a=${direction}
a=label:1
m=audio 41000 RTP/AVP 0
a=${direction}
a=label:2`;

const metadata = `<recording xmlns='urn:ietf:params:xml:ns:recording:1'>
<participant participant_id="c"><nameID aor="sip:+15550100477@sbc.example.com"/></participant>
<participant participant_id="a"><nameID aor="sip:ann@pbx.example.com"/></participant>
<stream stream_id="s1"><label>1</label></stream><stream stream_id="s2"><label>2</label></stream>
<participantstreamassoc participant_id="c"><send>s1</send></participantstreamassoc>
<participantstreamassoc participant_id="a"><send>s2</send></participantstreamassoc>
</recording>`;

const head = (
	method: string,
	cseq: number,
	to = '[peer_tag_param]',
) => `${method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: recorder <sip:src@[local_ip]:[local_port]>;tag=[pid]t[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>${to}
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Contact: <sip:src@[local_ip]:[local_port];transport=[transport]>;+sip.src
Max-Forwards: 70`;

/**
 * In UDP a request is sent again until it is answered, as RFC 3261 has it; in TCP never. Named transactions, for without them
 * sipp takes a yes to INVITE that came again for the yes to BYE.
 */
const send = (message: string, over: string, transaction: string) =>
	`<send start_txn="${transaction}"${over === 'udp' ? ' retrans="500"' : ''}><![CDATA[\n${message}\n]]></send>
<recv response="100" optional="true" response_txn="${transaction}"></recv>
<recv response="200" response_txn="${transaction}"></recv>`;

const invite = (cseq: number, direction: string, over: string, to = '[peer_tag_param]') => `
${send(
	`${head('INVITE', cseq, to)}
Require: siprec
Content-Type: multipart/mixed;boundary=parts
Content-Length: [len]

--parts
Content-Type: application/sdp

${sdp(direction)}
--parts
Content-Type: application/rs-metadata+xml
Content-Disposition: recording-session

${metadata}
--parts--`,
	over,
	`invite${cseq}`,
)}
<send ack_txn="invite${cseq}"><![CDATA[\n${head('ACK', cseq)}\nContent-Length: 0\n]]></send>`;

const scenarioOf = ({ over, holds, says }: SippRun, audio: string) => `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="a recorder">
${invite(1, 'sendonly', over, '')}
${says ? `<nop><action><exec rtp_stream="${audio},1,0"/></action></nop><pause milliseconds="${says.length / 8 + 200}"/>` : ''}
${holds ? invite(2, 'inactive', over) + invite(3, 'sendonly', over) : ''}
${send(`${head('BYE', 4)}\nContent-Length: 0`, over, 'bye')}
</scenario>
`;
