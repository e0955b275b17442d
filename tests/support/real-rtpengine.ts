import { spawn } from 'node:child_process';
import { freeRtpRange } from '#tests/support/free-ports.ts';
import { programHere } from '#tests/support/program-here.ts';

/** An rtpengine of the test's own, in user space: no kernel module, no service, no files. */
export interface RealRtpengine {
	/** Where it listens for control. */
	readonly ng: { host: string; port: number };
	/** As `kill -9`. Waits until it has gone. */
	kill(): Promise<void>;
}

export async function realRtpengine(host = '127.0.0.1'): Promise<RealRtpengine> {
	const path = programHere('YCORD_TEST_RTPENGINE', 'rtpengine', 'apt-get install rtpengine-daemon');
	const { from, to } = await freeRtpRange(64);
	const own = spawn(
		path,
		[
			'--config-file=none',
			'--foreground',
			'--log-stderr',
			'--log-level=6',
			'--table=-1',
			'--num-threads=1',
			`--interface=${host}`,
			`--listen-ng=${host}:${from}`,
			`--port-min=${from + 2}`,
			`--port-max=${to}`,
		],
		{ stdio: ['ignore', 'ignore', 'pipe'] },
	);
	let said = '';
	const gone = new Promise<void>((resolve) => {
		own.on('close', () => resolve()).on('error', () => resolve());
	});
	await new Promise<void>((resolve, reject) => {
		own.stderr.on('data', (text) => {
			said = (said + text).slice(-4000);
			if (said.includes('Startup complete')) resolve();
		});
		gone.then(() => reject(new Error(`rtpengine did not start:\n${said}`)));
	});
	return {
		ng: { host, port: from },
		async kill() {
			own.kill('SIGKILL');
			await gone;
		},
	};
}
