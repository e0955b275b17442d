import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { v7 as uuidV7 } from 'uuid';
import { WebSocket } from 'ws';
import { sqliteAccess } from '#server/access/access-sqlite.ts';
import { machineClock } from '#server/clock.ts';
import type { Person, Role } from '#shared/people.ts';
import { child } from '#tests/bench/child.ts';
import { inGroups } from '#tests/bench/in-groups.ts';
import type { Conversation } from '#tests/bench/survey-ends.ts';
import type { Usage } from '#tests/bench/usage-probe.ts';
import { type LivePeer, livePeer, type Seat } from '#tests/support/live-peer.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** People of each role: what one person may ask in a second, and have open, is bounded. */
const pairs = 40;
const people: Person[] = Array.from({ length: pairs }, (_, place) => [
	{ id: `agent-${place}`, name: `Agent ${place}`, role: 'agent' as const, team: 'Orders' },
	{ id: `executive-${place}`, name: `Executive ${place}`, role: 'executive' as const, team: 'Leadership' },
]).flat();
const sessionMs = 3_600_000;

export interface SurveyHouse {
	/** This many live segments on browser lines, each with its executive on the line. */
	talking(count: number): Promise<Conversation[]>;
	usage(): Promise<Usage>;
	stop(): Promise<void>;
}

/** The whole house as shipped, in its own process. */
export async function surveyHouse(core: number | undefined, signal: AbortSignal): Promise<SurveyHouse> {
	const folder = await temporaryFolder();
	await writeFile(join(folder.path, 'people.json'), JSON.stringify({ people }));
	const house = child({
		name: 'Ycord',
		args: [
			'--import',
			new URL('./usage-probe.ts', import.meta.url).href,
			fileURLToPath(new URL('../../server/cli/ycord.mjs', import.meta.url)),
			'start',
			'--port',
			'0',
		],
		env: {
			YCORD_DATA: join(folder.path, 'data'),
			YCORD_PEOPLE: join(folder.path, 'people.json'),
			YCORD_MAX_LISTENERS: '100000',
			YCORD_MAX_CALLS: '100000',
		},
		core,
		signal,
	});
	const open: WebSocket[] = [];
	const stop = async () => {
		for (const socket of open) socket.terminate();
		await house.stop();
		await folder.remove();
	};
	try {
		const address = (await house.says(/Ycord is on the line at (http:\S+)/))[1] as string;
		const access = sqliteAccess(join(folder.path, 'data', 'access.sqlite'));
		const nowMs = machineClock().now();
		const seatOf = (personId: string, role: Role): Seat => {
			const secret = access.openSession(personId, { nowMs, expiresAtMs: nowMs + sessionMs });
			return { address, cookie: `ycord-${role}=${secret}`, role };
		};
		const agents = Array.from({ length: pairs }, (_, place) => seatOf(`agent-${place}`, 'agent'));
		const executives = Array.from({ length: pairs }, (_, place) => seatOf(`executive-${place}`, 'executive'));
		access.close();

		const dial = async (path: string, cookie?: string): Promise<WebSocket> => {
			const socket = new WebSocket(`${address.replace('http', 'ws')}${path}`, cookie ? { headers: { cookie } } : {});
			open.push(socket);
			await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
			return socket;
		};
		/** Whoever only listens still says that they are there. */
		const alive = (socket: WebSocket) => {
			const timer = setInterval(() => socket.send('{"type":"ping","at":0}'), 1000);
			socket.once('close', () => clearInterval(timer));
		};

		async function one(place: number): Promise<Conversation> {
			const [agentSeat, executiveSeat] = [agents[place % pairs] as Seat, executives[place % pairs] as Seat];
			const answer = await fetch(`${address}/api/lines?as=agent`, {
				method: 'POST',
				headers: { cookie: agentSeat.cookie, 'content-type': 'application/json', origin: address },
				body: JSON.stringify({ label: `Bench ${place}` }),
			});
			const { callId, agentPath, customerPath } = (await answer.json()) as Record<string, string>;
			const soundPath = (path = '') => path.replace('/line/', '/line/sound/');
			const agentEnd = await dial(soundPath(agentPath));
			alive(agentEnd);
			const customer = await dial(soundPath(customerPath));
			alive(customer);
			const agent = await livePeer(agentSeat);
			const executive = await livePeer(executiveSeat);
			open.push(agent.socket, executive.socket);
			alive(agent.socket);
			await agent.hello();
			await executive.hello();
			await agent.watch({ watch: 'mine', view: 'mine' });
			await agent.call((view) => view.callId === callId);
			const segmentId = uuidV7();
			const listeningId = uuidV7();
			const ask = async (peer: LivePeer, command: Parameters<LivePeer['ask']>[1]) => {
				const done = await peer.ask(callId as string, command);
				if (done.type !== 'done') throw new Error(`${command.type}: ${done.refusal.code}`);
				return done;
			};
			await ask(agent, { type: 'invite', listeningId, executiveId: `executive-${place % pairs}` });
			await ask(executive, { type: 'accept-invitation', listeningId });
			const ear = await dial(`/sound/${listeningId}?as=executive`, executiveSeat.cookie);
			alive(ear);
			await new Promise((resolve) => ear.once('message', resolve));
			await ask(executive, { type: 'offer-survey', segmentId });
			await ask(agent, { type: 'ask-survey', segmentId, scriptId: 'service', language: 'en' });
			await ask(agent, { type: 'record-consent', segmentId, answer: 'agreed' });
			const { result } = await ask(executive, { type: 'take-line', segmentId, by: 'line' });
			const speaks = await dial(`${result?.surveyPath}?as=executive`, executiveSeat.cookie);
			alive(speaks);
			await new Promise<void>((resolve, reject) => {
				speaks.on('message', (text) => {
					if (String(text).includes('"state":"live"')) resolve();
				});
				speaks.once('close', (code, why) => reject(new Error(`the survey socket was closed: ${code} ${why}`)));
			});
			executive.close();
			return { executive: { speaks, hears: ear }, customer: { speaks: customer, hears: customer } };
		}

		return {
			async talking(count) {
				const all: Conversation[] = [];
				await inGroups(Array.from({ length: count }), async (_, place) => {
					all.push(await one(place));
				});
				return all;
			},
			usage: () => house.ask<Usage>({ ask: 'usage' }),
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}
