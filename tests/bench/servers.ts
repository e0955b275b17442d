import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { v7 as uuidV7 } from 'uuid';
import { sqliteAccess } from '#server/access/access-sqlite.ts';
import { machineClock } from '#server/clock.ts';
import { twilioSignature } from '#server/telephony/twilio/signature.ts';
import { twilioPath } from '#server/telephony/twilio/twilio.ts';
import { headerBytes } from '#shared/audio.ts';
import type { Person } from '#shared/people.ts';
import { child } from '#tests/bench/child.ts';
import type { GatewayDoor } from '#tests/bench/gateway-calls.ts';
import type { Seats } from '#tests/bench/load.ts';
import type { Usage } from '#tests/bench/usage-probe.ts';
import { livePeer } from '#tests/support/live-peer.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** A server under measurement, in a process of its own. */
export interface Server {
	/** How its side of the load is called. */
	name: 'ycord' | 'ws';
	port: number;
	door: GatewayDoor;
	/** Seats this many listeners on each call, once the calls are there. */
	seats(callSids: readonly string[], perCall: number): Promise<Seats>;
	usage(): Promise<Usage>;
	stop(): Promise<void>;
}

export interface ServerOptions {
	core: number | undefined;
	signal: AbortSignal;
	profile?: string;
}

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const probe = ['--import', new URL('./usage-probe.ts', import.meta.url).href];

/** A plain relay: see plain-relay.ts. */
export async function plainServer({ core, signal }: ServerOptions): Promise<Server> {
	const args = [...probe, fileOf('./plain-relay.ts')];
	const relay = child({ name: 'the plain relay', args, env: {}, core, signal });
	try {
		const port = Number((await relay.says(/Relaying on port (\d+)/))[1]);
		return {
			name: 'ws',
			port,
			door: { port, path: '/call', headers: {}, agent: agent.id },
			seats: async (callSids, perCall) => ({
				headers: {},
				listeners: callSids.flatMap((callSid, call) => Array(perCall).fill({ call, path: `/listen/${callSid}` })),
				headerBytes: 0,
				speaks: false,
			}),
			usage: () => relay.ask<Usage>({ ask: 'usage' }),
			stop: relay.stop,
		};
	} catch (error) {
		await relay.stop();
		throw error;
	}
}

const agent: Person = { id: 'ann', name: 'Ann Agent', role: 'agent', team: 'Orders' };
const supervisor: Person = { id: 'sue', name: 'Sue Supervisor', role: 'supervisor', team: 'Orders' };
const authToken = 'bench-auth-token';
/** Asks a live connection may make in one go, its greeting and its watch left out. (shared/live.ts) */
const asksPerConnection = 50;
const sessionMs = 3_600_000;

/** The whole house as shipped: `ycord start` with its own data folder, signed gateway, signed-in listeners. */
export async function ycordServer({ core, signal, profile }: ServerOptions): Promise<Server> {
	const folder = await temporaryFolder();
	const people = join(folder.path, 'people.json');
	await writeFile(people, JSON.stringify({ people: [agent, supervisor] }));
	if (profile) await mkdir(profile, { recursive: true });
	const profiling = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
	const house = child({
		name: 'Ycord',
		args: [...profiling, ...probe, fileOf('../../server/cli/ycord.mjs'), 'start', '--port', '0'],
		env: {
			YCORD_DATA: join(folder.path, 'data'),
			YCORD_PEOPLE: people,
			YCORD_TWILIO_AUTH_TOKEN: authToken,
			YCORD_MAX_LISTENERS: '100000',
			YCORD_MAX_CALLS: '100000',
		},
		core,
		signal,
	});
	const stop = async () => {
		await house.stop();
		await folder.remove();
	};
	try {
		const address = (await house.says(/Ycord is on the line at (http:\S+)/))[1] as string;
		const port = Number(new URL(address).port);
		const access = sqliteAccess(join(folder.path, 'data', 'access.sqlite'));
		const nowMs = machineClock().now();
		const secret = access.openSession(supervisor.id, { nowMs, expiresAtMs: nowMs + sessionMs });
		access.close();
		const cookie = `ycord-supervisor=${secret}`;
		const signature = twilioSignature(authToken, `${address.replace('http', 'ws')}${twilioPath}`);

		/** Joins calls on one live connection, after they have appeared on its board. */
		async function seated(calls: readonly { call: number; callId: string }[]): Promise<Seats['listeners']> {
			const peer = await livePeer({ address, cookie, role: 'supervisor' });
			try {
				await peer.hello();
				await peer.watch({ watch: 'board', view: 'board' });
				const seats: Seats['listeners'] = [];
				for (const { call, callId } of calls) {
					await peer.call((view) => view.callId === callId);
					const listeningId = uuidV7();
					const answer = await peer.ask(callId, { type: 'join-call', listeningId });
					if (answer.type !== 'done') throw new Error(`a listener could not be seated: ${answer.refusal.code}`);
					seats.push({ call, path: `/sound/${listeningId}?as=supervisor` });
				}
				return seats;
			} finally {
				peer.close();
			}
		}

		return {
			name: 'ycord',
			port,
			door: { port, path: twilioPath, headers: { 'x-twilio-signature': signature }, agent: agent.id },
			async seats(callSids, perCall) {
				const wanted = callSids.flatMap((callSid, call) => Array(perCall).fill({ call, callId: `twilio-${callSid}` }));
				const listeners: Seats['listeners'] = [];
				for (let from = 0; from < wanted.length; from += asksPerConnection)
					listeners.push(...(await seated(wanted.slice(from, from + asksPerConnection))));
				return { headers: { cookie }, listeners, headerBytes, speaks: true };
			},
			usage: () => house.ask<Usage>({ ask: 'usage' }),
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}
