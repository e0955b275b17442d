import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { v7 as uuidV7 } from 'uuid';
import { sqliteAccess } from '#server/access/access-sqlite.ts';
import { machineClock } from '#server/clock.ts';
import { settings } from '#server/config.ts';
import { twilioSignature } from '#server/telephony/twilio/signature.ts';
import { twilioPath } from '#server/telephony/twilio/twilio.ts';
import { headerBytes } from '#shared/audio.ts';
import type { Person } from '#shared/people.ts';
import { child } from '#tests/bench/child.ts';
import type { Seats } from '#tests/bench/load.ts';
import { probe, type Server, type ServerOptions, usageWithinMs } from '#tests/bench/servers.ts';
import type { Heap, Usage } from '#tests/bench/usage-probe.ts';
import { livePeer, type Seat } from '#tests/support/live-peer.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const agent: Person = { id: 'ann', name: 'Ann Agent', role: 'agent', team: 'Orders' };
const supervisor: Person = { id: 'sue', name: 'Sue Supervisor', role: 'supervisor', team: 'Orders' };
const authToken = 'bench-auth-token';
/** Asks a live connection may make in one go, its greeting and its watch left out. (shared/live.ts) */
const asksPerConnection = 50;
const sessionMs = 3_600_000;

/** What Ycord can also be asked. */
export interface YcordServer extends Server {
	/** Where the live socket is, and who the listeners are there. */
	seat: Seat;
	/** What is alive in it, after a collection. Needs `collects`. */
	heap(): Promise<Heap>;
}

export interface YcordOptions extends ServerOptions {
	/** Settings beside those that every run has. */
	env?: Readonly<Record<string, string>>;
	/** Whose calls `seats` means, Twilio's unless said. */
	gateway?: string;
	/** Lets `heap` collect first. */
	collects?: boolean;
}

/** Holds Ycord at messages of this length, where it knows how to change it. */
export const intervalSetting = 'YCORD_SOUND_INTERVAL';
export const canWiden = Object.values(settings).some(({ name }: { name: string }) => name === intervalSetting);

/** The whole house as shipped: `ycord start` with its own data folder, signed gateway, signed-in listeners. */
export async function ycordServer(options: YcordOptions): Promise<YcordServer> {
	const { core, signal, profile, env = {}, collects = false, gateway = 'twilio' } = options;
	const folder = await temporaryFolder();
	const people = join(folder.path, 'people.json');
	await writeFile(people, JSON.stringify({ people: [agent, supervisor] }));
	if (profile) await mkdir(profile, { recursive: true });
	const profiling = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
	const house = child({
		name: 'Ycord',
		args: [
			...profiling,
			...(collects ? ['--expose-gc'] : []),
			...probe,
			fileOf('../../server/cli/ycord.mjs'),
			'start',
			'--port',
			'0',
		],
		env: {
			YCORD_DATA: join(folder.path, 'data'),
			YCORD_PEOPLE: people,
			YCORD_TWILIO_AUTH_TOKEN: authToken,
			YCORD_MAX_LISTENERS: '100000',
			YCORD_MAX_CALLS: '100000',
			...env,
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
			port,
			seat: { address, cookie, role: 'supervisor' },
			door: { port, path: twilioPath, headers: { 'x-twilio-signature': signature }, agent: agent.id },
			async seats(callSids, perCall, place) {
				const wanted = callSids.flatMap((callSid, index) =>
					Array(perCall).fill({ call: place + index, callId: `${gateway}-${callSid}` }),
				);
				const listeners: Seats['listeners'] = [];
				for (let from = 0; from < wanted.length; from += asksPerConnection)
					listeners.push(...(await seated(wanted.slice(from, from + asksPerConnection))));
				return { headers: { cookie }, listeners, headerBytes, manner: 'ycord' };
			},
			usage: () => house.ask<Usage>({ ask: 'usage' }, usageWithinMs),
			heap: () => house.ask<Heap>({ ask: 'heap' }),
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}
