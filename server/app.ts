import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance, LogController } from 'fastify';
import { v7 as uuidV7 } from 'uuid';
import type { WebSocket } from 'ws';
import type { Access } from '#server/access/access.ts';
import { sqliteAccess } from '#server/access/access-sqlite.ts';
import { passwordHashing } from '#server/access/password-hash.ts';
import { demoPeople, mustBeApart, type People, people, readPeople } from '#server/access/people.ts';
import { type PeopleDesk, peopleDesk } from '#server/access/people-desk.ts';
import { identityProvider } from '#server/access/provider.ts';
import { sessionEnds } from '#server/access/session-ends.ts';
import { type Ask, asking } from '#server/ask.ts';
import { type Hub, soundHub } from '#server/audio/hub.ts';
import { callAgents } from '#server/calls/agents.ts';
import { protectionGate } from '#server/calls/gate.ts';
import { intake, type RunningIntake } from '#server/calls/intake.ts';
import { endLeftOver } from '#server/calls/left-over.ts';
import { testCalls } from '#server/calls/test-calls.ts';
import { CannotStart } from '#server/cannot-start.ts';
import { machineClock } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import { controlCommands } from '#server/control/commands.ts';
import { controlPath, controlSocket } from '#server/control/control-socket.ts';
import { erasing } from '#server/erase.ts';
import { gatewayViews } from '#server/gateway-views.ts';
import { openGateways } from '#server/gateways.ts';
import { answerErrors, unroutable } from '#server/http/errors.ts';
import { gatewayRoutes } from '#server/http/gateways.ts';
import { health } from '#server/http/health.ts';
import { identity } from '#server/http/identity.ts';
import { lineRoutes } from '#server/http/lines.ts';
import { noUpgradesWhileClosing } from '#server/http/no-upgrade.ts';
import { noteRoutes } from '#server/http/notes.ts';
import { pages } from '#server/http/pages.ts';
import { passwords } from '#server/http/passwords.ts';
import { protocol } from '#server/http/protocol.ts';
import { providerRoutes } from '#server/http/provider.ts';
import { recordRoutes } from '#server/http/record.ts';
import { serviceRoutes } from '#server/http/services.ts';
import { signIn } from '#server/http/sign-in.ts';
import { surveyRoutes } from '#server/http/survey.ts';
import { surveyResultsRoutes } from '#server/http/survey-results.ts';
import { tries } from '#server/http/tries.ts';
import type { Journal } from '#server/journal/journal.ts';
import type { ListenNeeds } from '#server/live/listen.ts';
import { live } from '#server/live/live.ts';
import { presence } from '#server/live/presence.ts';
import { surveySocket } from '#server/live/survey-socket.ts';
import { openViewsOf } from '#server/open-views.ts';
import { nodeLoad } from '#server/ops/load.ts';
import { logging } from '#server/ops/log.ts';
import type { LoopGauge } from '#server/ops/loop-watch.ts';
import { metrics } from '#server/ops/metrics.ts';
import { keepPolicy, readPolicy } from '#server/policy/read-policy.ts';
import { retention } from '#server/policy/retention.ts';
import { checkpoints, sessionsSince } from '#server/projections/checkpoint.ts';
import { projector } from '#server/projections/projector.ts';
import { type Search, search } from '#server/projections/search.ts';
import type { Sessions } from '#server/projections/sessions.ts';
import { wholeSessions } from '#server/projections/whole-sessions.ts';
import { openRecord } from '#server/record.ts';
import { floor as segmentFloor } from '#server/segments/floor.ts';
import { type Segments, segments } from '#server/segments/running.ts';
import { ownerOf } from '#server/sqlite/serve.ts';
import { askedOf } from '#server/survey/asked.ts';
import { readSurveyPolicy, surveyPolicy } from '#server/survey/policy.ts';
import { placing, quota } from '#server/survey/quota.ts';
import { type GatewayDesk, gatewayDesk } from '#server/telephony/desk.ts';
import { line } from '#server/telephony/line/line.ts';
import { lines } from '#server/telephony/line/lines.ts';
import type { Clock } from '#shared/clock.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** The house, put together and not listening yet. */
export interface House {
	http: FastifyInstance;
	ask: Ask;
	access: Access;
	people: People;
	peopleDesk: PeopleDesk;
	sessions: Sessions;
	search: Search;
	intake: RunningIntake;
	hub: Hub;
	/** What the gateways say of themselves. */
	desk: GatewayDesk;
	clock: Clock;
	/** Our own address, known once it listens. */
	address(): string;
	/** Resolves or rejects when the house cannot go on. */
	broken: Promise<never>;
	/** Takes no new calls and says so to load balancers. */
	drain(): void;
	close(): Promise<void>;
}

/** What tests replace. */
export interface Replacements {
	clock?: Clock;
	journal?: Journal;
	logTo?: NodeJS.WritableStream;
	/** How busy this process is, and whom it can carry. */
	loop?: LoopGauge;
	room?: ListenNeeds['room'];
}

/** How long the end of an executive's turn may be on its way to the record before the customer is brought back all the same. */
const recordWithinMs = 2000;

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url');
const newSecret = () => {
	const secret = randomBytes(32).toString('base64url');
	return { secret, hash: hashOf(secret) };
};

/** The composition root: chooses engines, wires them, registers the doors. Needs as arguments, no container. */
export async function house(config: Config, replace: Replacements = {}): Promise<House> {
	const clock = replace.clock ?? machineClock();
	mkdirSync(config.data, { recursive: true, mode: 0o700 });
	const listed = config.people ? readPeople(config.people) : config.demo ? demoPeople : [];
	const opened: { close(): unknown }[] = [];
	/** What is open already is closed again when the next thing cannot be opened. */
	const opens = <T extends { close(): unknown }>(work: Promise<T>): Promise<T> =>
		work.then(
			(one) => {
				opened.unshift(one);
				return one;
			},
			async (error) => {
				for (const one of opened) await one.close();
				throw error;
			},
		);
	const record = await opens(openRecord(config, clock, replace.journal));
	const { journal, keys, warnings } = record;
	const owner = await opens(ownAccess(config.data));
	const access = await opens(openAccess(config.data, listed));
	const directory = people(listed, access.accounts);
	const desks = peopleDesk({ access, listed, now: clock.now });
	const kept = await opens(openViewsOf(journal, config));
	const { sessions: checkpoint, erased } = await kept.ask('opened', undefined);
	const views = await sessionsSince(checkpoint, journal);
	const load = nodeLoad({
		clock,
		interval: config.soundInterval,
		delivered: () => hub.deliveredMessages,
		gauge: replace.loop,
	});
	const hub: Hub = soundHub({ now: clock.now, frames: load.frames });
	const room = replace.room ?? load.room;
	const headroom = () => Math.min(load.room.headroom(hub.listeners), config.maxListeners - hub.listeners);
	/** Nobody else can listen: said before anything about them is on record. [B2] */
	const full = () => hub.listeners >= config.maxListeners || !room.hasRoom(hub.listeners);
	const counts = metrics({
		calls: () => hub.calls,
		listeners: () => hub.listeners,
		deliveredMessages: () => hub.deliveredMessages,
		lateFrames: () => hub.lateFrames,
		capacity: () => load.room.messagesPerSecond,
		headroom,
		loopDelayMs: load.loopDelayMs,
		soundIntervalMs: load.soundIntervalMs,
		gateways: () =>
			desk.all().map(({ entry: { name }, lastContactMs, refusedCounts }) => ({
				name,
				calls: calls.countOf(name),
				refused: refusedCounts,
				contactSeconds: lastContactMs === undefined ? undefined : (clock.now() - lastContactMs) / 1000,
			})),
	});

	const http = fastify({
		logger: logging(config, replace.logTo),
		logController: new LogController({ disableRequestLogging: true }),
		bodyLimit: 16_384,
		forceCloseConnections: true,
		requestTimeout: 15_000,
		genReqId: () => uuidV7(),
		routerOptions: { maxParamLength: 120 },
		frameworkErrors: unroutable,
	});
	http.setValidatorCompiler(TypeBoxValidatorCompiler);
	answerErrors(http, counts.refused);
	http.addHook('onResponse', async (request, reply) => {
		request.log.debug(
			{ route: request.routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
			'answered',
		);
	});
	for (const warning of warnings) http.log.warn({ warning }, 'the journal may lose what is on record');
	const failed = (id: string, error: unknown) => {
		counts.failed();
		const { name, code, cause } = error as { name?: string; code?: string; cause?: unknown };
		http.log.error({ id, kind: name, code, cause: String(cause ?? '') }, 'could not be put on record');
	};
	/** Nothing is on the line before the gateways open. */
	let onLine: Segments | undefined;
	const gate = protectionGate(hub);
	const floor = segmentFloor();
	const listening = config.policy ? readPolicy(config.policy) : undefined;
	if (listening) keepPolicy(config.data, listening, clock.now());
	const policy = config.survey ? readSurveyPolicy(config.survey) : surveyPolicy();
	const ask = asking({
		journal: timed(journal, counts.appendTook),
		findPerson: directory.find,
		now: () => Math.round(clock.now()),
		newSecret,
		asked: (session, agent, scriptId, language) => askedOf(policy, session, agent, scriptId, language),
		shut(callId, command) {
			// Whoever protects a call ends what the customer hears of an executive too.
			const cameOut = [floor.shut(callId, command), ...(command === 'protect-call' ? [gate.shut(callId)] : [])];
			// A disk that says nothing is no reason to leave a customer in silence.
			const stop = clock.after(recordWithinMs, () => onLine?.shut(callId, command, 'unrecorded'));
			return (outcome) => {
				stop();
				for (const one of cameOut) one(outcome);
				onLine?.shut(callId, command, outcome);
			};
		},
		recorded(records) {
			gate.recorded(records);
			floor.recorded(records);
			onLine?.recorded(records);
			counts.recorded(records.map(({ event }) => event));
		},
	});
	const failedViews = (error: unknown) => {
		counts.failed();
		http.log.error({ cause: (error as Error).message }, 'the views could not be folded on; tried again');
	};
	const checkpointing = checkpoints({ sessions: views, views: kept, clock, failed: failedViews });
	const erase = erasing({ ask, journal, sealing: keys.sealing, failed });
	erase.again(erased);
	const following = projector(journal, views.seq, (one) => {
		erase.fold(one);
		views.fold(one);
		checkpointing.folded(one);
	});
	await following.caughtUp();
	const leftOver = await endLeftOver(
		ask,
		[...views.all()].map((view) => [view.callId, view.state]),
	);

	if (kept.discarded) http.log.warn({ why: kept.discarded }, 'views are folded from the journal anew');
	if (leftOver > 0) http.log.warn({ calls: leftOver }, 'ended calls that an earlier run left open');
	if (keys.isNew && views.seq > 0)
		http.log.warn('the key store is new and the journal is not: what was sealed with keys before cannot be read');
	if (keys.keyFile !== undefined && !config.demo)
		http.log.warn('the master key lies beside what it protects: give it in YCORD_MASTER_KEY, and back it up apart');

	const searching = search({ journal, views: kept, clock, failed: failedViews });
	const stopSweeping = retention({
		clock,
		due: (nowMs, most) => kept.ask('due', { nowMs, most }),
		erase: erase.erase,
		erased: (callId) => http.log.info({ id: callId }, 'erased: its time by the policy is over'),
		failed: (callId, error) =>
			http.log.warn(
				{ id: callId, code: (error as Refusal).code },
				'could not be erased yet; tried again within the hour',
			),
	});
	const agents = callAgents({ mapped: access.agents.personOf, findPerson: directory.find, now: clock.now });
	const calls = intake({
		ask,
		hub,
		clock,
		findAgent: agents.find,
		maxCalls: config.maxCalls,
		termsOf: listening?.policy.termsOf,
		failed,
	});

	const desk = gatewayDesk(clock);
	const present = presence();
	const surveys = segments({
		clock,
		floor,
		report: (callId, command) => ask.house('ycord', callId, { of: 'segment', command }),
		control: calls.control,
		codec: calls.codec,
		executiveSays: calls.executiveSays,
		agentOf: (callId) => views.get(callId)?.call.agentId,
		ruleOf(callId) {
			const { limitSeconds, agent, fallback } = policy.rule(views.get(callId)?.call.team ?? '');
			return { limitMs: limitSeconds * 1000, agent, fallback };
		},
		shownAs(callId) {
			const segment = floor.segment(callId);
			return 'asked' in segment ? (segment.asked?.shownAs ?? '') : '';
		},
		isHere: (personId) => present.count(personId) > 0,
		failed,
	});
	onLine = surveys;
	const stopDrawing = quota({
		policy,
		onChange: views.onChange,
		isHere: (callId) => calls.codec(callId) !== undefined,
		// Of this process: a call does not outlive its server, and nothing draws it again.
		placeOf: placing(newSecret().secret),
		newId: () => uuidV7(),
		offer: (callId, command) => ask.house('ycord', callId, { of: 'segment', command }),
		failed,
		rehearsals: config.demo,
	});
	present.onChange(surveys.agentIsHere);

	const address = () => {
		const bound = http.server.address();
		const port = typeof bound === 'object' && bound ? bound.port : config.port;
		return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
	};
	const publicUrl = () => config.publicUrl ?? address();
	const origins = () => {
		const own = [publicUrl()];
		if (!config.publicUrl) own.push(address().replace('127.0.0.1', 'localhost'));
		return own;
	};
	const ends = sessionEnds(access, clock);
	const isSecure = config.publicUrl?.startsWith('https:') ?? false;
	const who = identity({
		access,
		ends,
		people: directory,
		now: clock.now,
		origins,
		secure: isSecure,
	});
	const browserLines = lines({
		intake: calls,
		clock,
		newSecret: () => newSecret().secret,
		newId: () => uuidV7(),
		failed: (error) => failed('line', error),
	});

	await http.register(cookie);
	await http.register(helmet, contentPolicy(config));
	noUpgradesWhileClosing(http);
	await http.register(websocket, {
		// The largest message of any door; each door holds its own to less and says so by name.
		options: { maxPayload: 131_072, perMessageDeflate: false },
		// Each door hangs up by name; the plugin would hang up on everybody first, without a word.
		preClose: (done) => done(),
		errorHandler(error, socket, request) {
			// What a peer or the network breaks has a code and is no error of ours.
			const { code } = error as NodeJS.ErrnoException;
			if (code === undefined) request.log.error({ kind: error.name }, 'a socket failed');
			else request.log.info({ code }, 'a socket broke');
			socket.terminate();
		},
	});
	const draining = { now: false };
	await http.register(health, {
		metrics: counts,
		access,
		now: clock.now,
		full,
		async notReady() {
			if (draining.now) return 'draining';
			return journal.last().then(
				() => undefined,
				() => 'journal',
			);
		},
	});
	const provider = config.provider
		? identityProvider({
				provider: config.provider,
				ownAddress: publicUrl,
				now: clock.now,
				refused: (why) => http.log.warn({ why }, 'the identity provider could not sign somebody in'),
				lost: access.endSessions,
			})
		: undefined;
	const trying = tries(clock.now);
	await http.register(providerRoutes, {
		provider,
		access,
		identity: who,
		tries: trying,
		ownAddress: publicUrl,
		now: clock.now,
		secure: isSecure,
	});
	await http.register(signIn, {
		access,
		people: directory,
		identity: who,
		sessions: views,
		ask,
		hashOf,
		now: clock.now,
		full,
		demo: config.demo,
		provider,
	});
	await http.register(serviceRoutes, { access, ask, sessions: views, now: clock.now });
	await http.register(passwords, {
		access,
		hashing: passwordHashing(),
		identity: who,
		tries: trying,
		now: clock.now,
		secondStep: config.secondStep,
		demo: config.demo,
	});
	await http.register(surveySocket, { segments: surveys, identity: who, clock, failed });
	await http.register(live, {
		ask,
		hub,
		sessions: views,
		identity: who,
		clock,
		presence: present,
		demo: config.demo,
		journalId: journal.id,
		maxListeners: config.maxListeners,
		room,
		full,
		required: 'notice',
		failed,
		refused: counts.refused,
	});
	const whole = wholeSessions(journal.read, clock.now);
	await http.register(surveyRoutes, { policy, sessions: views, identity: who });
	await http.register(surveyResultsRoutes, {
		search: searching,
		identity: who,
		now: clock.now,
		demo: config.demo,
	});
	await http.register(noteRoutes, { search: searching, sessions: whole, identity: who, now: clock.now });
	await http.register(recordRoutes, { sessions: whole, identity: who, now: clock.now });
	const tests = testCalls({
		intake: calls,
		hub,
		clock,
		here: () => `http://${reachable(config.host)}:${new URL(address()).port}`,
		newId: () => uuidV7(),
		testing: desk.testing,
	});
	await opens(openGateways(http, { config, intake: tests, clock, desk, publicUrl, failed }));
	const sinceMs = clock.now();
	const gateways = {
		views: () => gatewayViews({ desk, clock, sinceMs, callsOf: calls.countOf, publicUrl: config.publicUrl }),
		async test(name: string) {
			const one = desk.all().find(({ entry }) => entry.name === name);
			if (!one) throw new Refusal('gateway.unknown');
			return tests.test(one.entry);
		},
	};
	await http.register(gatewayRoutes, {
		...gateways,
		mapped: access.agents,
		agents,
		people: directory,
		identity: who,
		now: clock.now,
	});
	await http.register(line, { lines: browserLines, mustBeOurs: who.mustBeOurs });
	await http.register(lineRoutes, { lines: browserLines, identity: who });
	await http.register(protocol);
	await http.register(pages);
	// Registered last, so that its turn comes after every door has hung up.
	await http.register(async (last) => {
		last.addHook('preClose', () => {
			// One that was on its way in while the doors closed.
			http.websocketServer.on('connection', (socket) => socket.terminate());
			return gone(http.websocketServer.clients, clock);
		});
	});

	const commands = controlCommands({ erasing: erase, keys, gateways, people: { desk: desks, address: publicUrl } });
	const closeControl = await controlSocket(controlPath(config.data), commands).catch((error) => {
		http.log.warn({ code: error.code }, 'the control socket cannot be opened: commands need the server stopped');
		return async () => {};
	});

	http.addHook('onListen', async () => {
		// Behind the first requests, not before them; without loopback connections the first windows tell.
		void load.measure().then(
			(messagesPerSecond) => http.log.info({ messagesPerSecond }, 'measured what this process can carry'),
			() => {},
		);
	});

	const broken = Promise.race([following.broken, record.lost]);
	// Whoever waits hears of it; nobody waiting is no reason to end the process from here.
	broken.catch(() => {});

	let closing: Promise<void> | undefined;
	async function close() {
		draining.now = true;
		stopDrawing();
		load.stop();
		tests.close();
		// Before their calls end: each customer an executive has is with somebody again.
		await surveys.close();
		await calls.close();
		// Whoever listens is told that the call has ended before being told that the server leaves.
		await following.caughtUp().catch(() => {});
		await http.close();
		await following.stop();
		await stopSweeping();
		await searching.stop();
		await checkpointing.stop();
		await kept.close();
		await closeControl();
		await erase.settled();
		await record.close();
		ends.close();
		access.close();
		owner.close();
	}

	return {
		http,
		ask,
		access,
		people: directory,
		peopleDesk: desks,
		sessions: views,
		search: searching,
		intake: calls,
		hub,
		desk,
		clock,
		address: publicUrl,
		broken,
		drain() {
			draining.now = true;
			calls.drain();
		},
		close() {
			closing ??= close();
			return closing;
		},
	};
}

/** How this machine reaches a host that was listened on: what means every address is one, too. */
const reachable = (host: string) =>
	host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;

const accessPath = (data: string) => join(data, 'access.sqlite');

/** Who signs in is changed by one process at a time: the command line goes by the control socket while a server runs. */
async function ownAccess(data: string) {
	try {
		return { close: ownerOf(accessPath(data), 'sign-in database') };
	} catch (error) {
		throw new CannotStart((error as Error).message);
	}
}

async function openAccess(data: string, listed: readonly Person[]): Promise<Access> {
	const path = accessPath(data);
	let access: Access | undefined;
	try {
		access = sqliteAccess(path);
		mustBeApart(listed, access.accounts);
		return access;
	} catch (error) {
		access?.close();
		const bySqlite = error instanceof Error && 'errstr' in error;
		throw new CannotStart(
			bySqlite ? `The sign-in database ${path} cannot be opened: ${error.errstr}.` : (error as Error).message,
		);
	}
}

/** How long a peer that was hung up on may take to say goodbye. */
const goodbyeMs = 1000;

/** Resolves when every socket has gone; those that do not answer are cut off. */
function gone(sockets: Set<WebSocket>, clock: Clock): Promise<void> {
	return new Promise((resolve) => {
		const stop = clock.after(goodbyeMs, () => {
			for (const socket of sockets) socket.terminate();
			resolve();
		});
		const look = () => {
			if (sockets.size > 0) return;
			stop();
			resolve();
		};
		// A socket leaves the set when it closes; that is after its own listeners have run.
		for (const socket of sockets) socket.once('close', () => setImmediate(look));
		look();
	});
}

/** The journal, with the time of each append measured. */
const timed = (journal: Journal, took: (ms: number) => void): Journal => ({
	...journal,
	async append(...record) {
		const before = performance.now();
		const records = await journal.append(...record);
		took(performance.now() - before);
		return records;
	},
});

/** Strict: no inline script or style, nothing from elsewhere, no frame around us. */
function contentPolicy({ publicUrl }: Config) {
	const secure = publicUrl?.startsWith('https:') ?? false;
	return {
		contentSecurityPolicy: {
			useDefaults: false,
			directives: {
				defaultSrc: ["'none'"],
				scriptSrc: ["'self'"],
				workerSrc: ["'self'"],
				styleSrc: ["'self'"],
				imgSrc: ["'self'", 'data:'],
				fontSrc: ["'self'"],
				connectSrc: ["'self'"],
				mediaSrc: ["'self'"],
				manifestSrc: ["'self'"],
				baseUri: ["'none'"],
				formAction: ["'self'"],
				frameAncestors: ["'none'"],
			},
		},
		strictTransportSecurity: secure,
		referrerPolicy: { policy: 'no-referrer' as const },
	};
}
