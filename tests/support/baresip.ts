import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { programHere } from '#tests/support/program-here.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** A softphone of somebody else's making, which has dialled and waits for an answer. */
export interface Baresip {
	callId: string;
	fromTag: string;
	/** What it offers. */
	sdp: string;
	/** Takes the call: from now on it sends what it has to say. */
	answer(sdp: string): void;
	/** Hangs up, as a person does; resolves when its BYE has come. */
	hangUp(): Promise<void>;
}

/** Where the modules are that Debian, other Linuxes and Homebrew install beside it. */
const moduleFolders = [
	'/usr/lib/baresip/modules',
	'/usr/local/lib/baresip/modules',
	'/opt/homebrew/lib/baresip/modules',
];

/** Starts one that calls us and speaks a WAV file of 16-bit mono at 8 kHz, in PCMU. The other end of its SIP is the test. */
export async function baresip(wav: Uint8Array, host = '127.0.0.1'): Promise<Baresip> {
	const program = programHere('YCORD_TEST_BARESIP', 'baresip', 'apt-get install baresip-core');
	const modules = moduleFolders.find(existsSync) ?? '.';
	const { path, remove } = await temporaryFolder();
	onTestFinished(remove);
	await writeFile(join(path, 'says.wav'), wav);
	await writeFile(join(path, 'accounts'), `<sip:customer@${host}>;regint=0;audio_codecs=PCMU/8000\n`);
	const config = {
		sip_listen: `${host}:0`,
		net_interface: host,
		audio_source: `aufile,${join(path, 'says.wav')}`,
		audio_player: 'aubridge,nil',
		audio_alert: 'aubridge,nil',
		module_path: modules,
	};
	const lines = Object.entries(config).map(([name, value]) => `${name} ${value}`);
	const loaded = [
		'module g711.so',
		'module aufile.so',
		'module aubridge.so',
		'module_tmp account.so',
		'module_app menu.so',
	];
	await writeFile(join(path, 'config'), [...lines, ...loaded, ''].join('\n'));

	const sip = createSocket('udp4');
	onTestFinished(() => void sip.close());
	await new Promise<void>((resolve) => sip.bind(0, host, resolve));
	const { port } = sip.address();

	/** A request and what answers it. */
	interface Asked {
		head: string;
		body: string;
		answer(first: string, body?: string): void;
	}
	const waiting: { method: string; resolve: (asked: Asked) => void }[] = [];
	sip.on('message', (bytes, from) => {
		const [head = '', body = ''] = bytes.toString().split(/\r\n\r\n(.*)/s);
		const kept = head.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
		const answer = (first: string, sdp = '') => {
			const headers = kept.map((line) => (/^To:/i.test(line) && !line.includes(';tag=') ? `${line};tag=test` : line));
			const more = sdp ? [`Contact: <sip:agent@${host}:${port}>`, 'Content-Type: application/sdp'] : [];
			const all = [`SIP/2.0 ${first}`, ...headers, ...more, `Content-Length: ${Buffer.byteLength(sdp)}`, '', sdp];
			sip.send(all.join('\r\n'), from.port, from.address);
		};
		const place = waiting.findIndex(({ method }) => head.startsWith(`${method} `));
		if (place >= 0) waiting.splice(place, 1)[0]?.resolve({ head, body, answer });
		else if (head.startsWith('BYE ')) answer('200 OK');
	});
	const next = (method: string) => new Promise<Asked>((resolve) => waiting.push({ method, resolve }));

	const invited = next('INVITE');
	const phone = spawn(program, ['-4', '-f', path, '-e', `/dial sip:agent@${host}:${port}`], { stdio: 'ignore' });
	onTestFinished(() => void phone.kill('SIGKILL'));
	const gone = new Promise<never>((_resolve, reject) => {
		phone.once('error', reject).once('close', () => reject(new Error('baresip has left')));
	});
	gone.catch(() => {});
	const invite = await Promise.race([invited, gone]);
	const fieldOf = (pattern: RegExp) => pattern.exec(invite.head)?.[1] ?? '';
	return {
		callId: fieldOf(/^Call-ID: *(\S+)/im),
		fromTag: fieldOf(/^From:.*;tag=([^;\s]+)/im),
		sdp: invite.body,
		answer: (sdp) => invite.answer('200 OK', sdp),
		async hangUp() {
			const bye = next('BYE');
			phone.kill('SIGTERM');
			(await bye).answer('200 OK');
		},
	};
}
