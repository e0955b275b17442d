import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { type Benchmark, type Findings, type Metric, median } from '#tests/bench/benchmark.ts';
import { child, twoCores } from '#tests/bench/child.ts';
import { inGroups } from '#tests/bench/in-groups.ts';
import { type Conversation, type Direction, pause, type Talked, survey as talk } from '#tests/bench/survey-ends.ts';
import { surveyHouse } from '#tests/bench/survey-house.ts';

const usual = { rounds: 7, windowMs: 2000, warmUpMs: 2000 };
const quickly = { rounds: 1, windowMs: 600, warmUpMs: 300 };
type Pace = typeof usual;

/** Segments at real-time pace, both ways, through the whole house on browser lines, against a plain relay of pairs. */
export const survey: Benchmark = {
	name: 'survey',
	about: 'delay and loss between executive and customer through the server, against a plain relay of pairs on ws',
	loads: ['1', '50', '200'],
	allUnasked: true,
	loadPattern: /^[1-9]\d{0,2}$/,
	async run({ quick, loads, say, signal }): Promise<Findings> {
		const pace = quick ? quickly : usual;
		const metrics: Metric[] = [];
		const cores = twoCores();
		const notes = [
			`Ycord and the relay on core ${cores?.[0] ?? '?'}, both ends of every conversation in this process; medians of ${pace.rounds} rounds of ${pace.windowMs / 1000} s, the relay’s in turn with Ycord’s.`,
			'From sending a frame to reading it at the other end. Ycord gathers 40 ms of an executive’s voice and sends it at the pace of the call; the relay sends on what comes.',
		];
		for (const load of loads) {
			const count = quick ? Math.min(Number(load), 5) : Number(load);
			const rounds = await measured(count, pace, { say, signal, core: cores?.[0] });
			metrics.push(...metricsOf(count, rounds));
			const late = Math.max(...rounds.map(({ ycord, relay }) => Math.max(ycord.lateMs, relay.lateMs)));
			notes.push(`${count}: this process sent at most ${late.toFixed(0)} ms late.`);
		}
		return { metrics, notes };
	},
};

interface Round {
	ycord: Talked;
	relay: Talked;
}

async function measured(
	count: number,
	{ rounds, windowMs, warmUpMs }: Pace,
	{ say, signal, core }: { say: (text: string) => void; signal: AbortSignal; core: number | undefined },
): Promise<Round[]> {
	const house = await surveyHouse(core, signal);
	const relay = child({
		name: 'the pair relay',
		args: [fileURLToPath(new URL('./pair-relay.ts', import.meta.url))],
		env: {},
		core,
		signal,
	});
	const stops: (() => void)[] = [];
	try {
		const port = Number((await relay.says(/Relaying on port (\d+)/))[1]);
		const found: Round[] = [];
		const talking = { ycord: talk(await house.talking(count)), relay: talk(await pairsOf(port, count)) };
		stops.push(talking.ycord.stop, talking.relay.stop);
		say(`${count} segments are live`);
		for (let round = 0; round < rounds && !signal.aborted; round++) {
			const one: Partial<Round> = {};
			for (const side of round % 2 ? (['relay', 'ycord'] as const) : (['ycord', 'relay'] as const)) {
				const ends = talking[side];
				ends.start();
				await pause(warmUpMs);
				one[side] = await ends.measure(windowMs);
				ends.stop();
			}
			found.push(one as Round);
			say(`${count}, round ${round + 1}: ${inWords(one as Round)}`);
		}
		signal.throwIfAborted();
		return found;
	} finally {
		for (const stop of stops) stop();
		await house.stop();
		await relay.stop();
	}
}

async function pairsOf(port: number, count: number): Promise<Conversation[]> {
	const all: Conversation[] = [];
	await inGroups(Array.from({ length: count }), async (_, place) => {
		const dial = () =>
			new Promise<WebSocket>((resolve, reject) => {
				const socket = new WebSocket(`ws://127.0.0.1:${port}/${place}`);
				socket.once('open', () => resolve(socket)).once('error', reject);
			});
		const [executive, customer] = [await dial(), await dial()];
		all.push({
			executive: { speaks: executive, hears: executive },
			customer: { speaks: customer, hears: customer },
		});
	});
	return all;
}

const inWords = ({ ycord, relay }: Round) => {
	const one = ({ p50Ms, p95Ms, lost, sent }: Direction) =>
		`p50 ${p50Ms.toFixed(1)}, p95 ${p95Ms.toFixed(1)} ms, ${lost} of ${sent} lost`;
	return `to the customer ${one(ycord.toCustomer)}; to the executive ${one(ycord.toExecutive)}; relay ${one(relay.toCustomer)}`;
};

function metricsOf(count: number, rounds: readonly Round[]): Metric[] {
	const over = (name: string, unit: string, read: (round: Round) => number): Metric => {
		const values = rounds.map(read);
		const rounded = (value: number) => Number(value.toPrecision(4));
		return {
			name: `${name}_${count}`,
			value: rounded(median(values)),
			unit,
			higherIsBetter: false,
			range: [rounded(Math.min(...values)), rounded(Math.max(...values))],
		};
	};
	return (['toCustomer', 'toExecutive'] as const).flatMap((way) => {
		const name = way === 'toCustomer' ? 'to_customer' : 'to_executive';
		return [
			over(`${name}_p50_ms`, 'ms', ({ ycord }) => ycord[way].p50Ms),
			over(`${name}_p95_ms`, 'ms', ({ ycord }) => ycord[way].p95Ms),
			over(`relay_${name}_p95_ms`, 'ms', ({ relay }) => relay[way].p95Ms),
			over(`${name}_p95_ratio_vs_relay`, 'ratio', ({ ycord, relay }) => ycord[way].p95Ms / relay[way].p95Ms),
			over(`${name}_lost_percent`, '%', ({ ycord }) => (100 * ycord[way].lost) / ycord[way].sent),
			over(`relay_${name}_lost_percent`, '%', ({ relay }) => (100 * relay[way].lost) / relay[way].sent),
		];
	});
}
