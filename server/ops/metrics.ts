import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';
import { Refusal } from '#shared/refusals.ts';

/** What is counted, for Prometheus. Labels hold names of things, never people. */
export interface Metrics {
	text(): Promise<string>;
	readonly contentType: string;
	refused(error: unknown): void;
	recorded(events: readonly { type: string }[]): void;
	appendTook(ms: number): void;
	failed(): void;
}

/** What is read when somebody asks. */
export interface Gauges {
	calls: () => number;
	listeners: () => number;
	deliveredMessages: () => number;
	lateFrames: () => number;
	/** What this process can carry, and how busy it is; see capacity.ts and interval.ts. */
	capacity: () => number;
	headroom: () => number;
	loopDelayMs: () => number;
	soundIntervalMs: () => number;
	/** Labels are names of gateways and of refusals: both few, and known before. */
	gateways: () => readonly GatewayGauges[];
}

/** One gateway; `contactSeconds` is undefined for one whose platform was never here. */
export interface GatewayGauges {
	name: string;
	calls: number;
	refused: ReadonlyMap<string, number>;
	contactSeconds: number | undefined;
}

export function metrics(gauges: Gauges): Metrics {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry });
	const reads = (name: string, help: string, read: () => number) =>
		new Gauge({
			name,
			help,
			registers,
			collect() {
				this.set(read());
			},
		});
	reads('ycord_calls', 'Calls whose sound arrives on this node', gauges.calls);
	reads('ycord_listeners', 'People who hear a call on this node', gauges.listeners);
	reads(
		'ycord_capacity_messages_per_second',
		'Sound messages a second that this process could write, as far as is known',
		gauges.capacity,
	);
	reads('ycord_headroom_listeners', 'Listeners that could still be let in', gauges.headroom);
	reads('ycord_event_loop_delay_seconds', 'How late the event loop was lately', () => gauges.loopDelayMs() / 1000);
	reads('ycord_sound_interval_seconds', 'Sound in a message: more under load', () => gauges.soundIntervalMs() / 1000);
	const total = (name: string, help: string, read: () => number) =>
		new Counter({
			name,
			help,
			registers,
			collect() {
				this.reset();
				this.inc(read());
			},
		});
	total('ycord_sound_messages_total', 'Sound messages handed to listeners', gauges.deliveredMessages);
	total('ycord_late_frames_total', 'Frames that came after their message had left', gauges.lateFrames);
	new Gauge({
		name: 'ycord_gateway_calls',
		help: 'Calls of a gateway whose sound arrives on this node',
		labelNames: ['gateway'],
		registers,
		collect() {
			for (const { name, calls } of gauges.gateways()) this.set({ gateway: name }, calls);
		},
	});
	new Gauge({
		name: 'ycord_gateway_contact_seconds',
		help: 'How long ago the platform last showed itself; nothing before it ever did',
		labelNames: ['gateway'],
		registers,
		collect() {
			for (const { name, contactSeconds } of gauges.gateways())
				if (contactSeconds !== undefined) this.set({ gateway: name }, contactSeconds);
		},
	});
	new Counter({
		name: 'ycord_gateway_refused_total',
		help: 'What a gateway turned away, by reason',
		labelNames: ['gateway', 'reason'],
		registers,
		collect() {
			this.reset();
			for (const { name, refused } of gauges.gateways())
				for (const [reason, count] of refused) this.inc({ gateway: name, reason }, count);
		},
	});
	const refusals = new Counter({
		name: 'ycord_refusals_total',
		help: 'Refusals by code',
		labelNames: ['code'],
		registers,
	});
	const events = new Counter({
		name: 'ycord_events_total',
		help: 'Events put on record, by type',
		labelNames: ['type'],
		registers,
	});
	const failures = new Counter({
		name: 'ycord_failures_total',
		help: 'Things that could not be put on record',
		registers,
	});
	const append = new Histogram({
		name: 'ycord_append_seconds',
		help: 'From asking the journal to the commit',
		buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
		registers,
	});
	return {
		text: () => registry.metrics(),
		contentType: registry.contentType,
		refused: (error) => refusals.inc({ code: error instanceof Refusal ? error.code : 'request.failed' }),
		recorded: (list) => {
			for (const { type } of list) events.inc({ type });
		},
		appendTook: (ms) => append.observe(ms / 1000),
		failed: () => failures.inc(),
	};
}
