import { connect } from 'node:net';
import type { Ari } from '#server/telephony/asterisk/ari.ts';
import { type AsteriskGateway, asteriskMediaPath } from '#server/telephony/asterisk/asterisk.ts';
import { audioSocketMessage, kinds } from '#server/telephony/asterisk/audio-socket.ts';
import { formats } from '#server/telephony/asterisk/format.ts';
import { listenedCall } from '#server/telephony/asterisk/listened-call.ts';
import type { AsteriskConfig, MediaFormat } from '#server/telephony/asterisk/settings.ts';
import { socketAddress, type TestCall, type TestSignal } from '#server/telephony/desk.ts';
import { testSocket } from '#server/telephony/test-socket.ts';
import { sampleRate } from '#shared/audio.ts';
import { encoderOf, ulawTable } from '#shared/g711.ts';
import { Refusal } from '#shared/refusals.ts';

/** One leg of the test call, as Asterisk has it. */
interface TestLeg {
	say(bytes: Uint8Array): void;
	readonly refusal: string | undefined;
	close(): Promise<void>;
}

/**
 * Plays Asterisk against our own door: a call is listened to as any other, only that what is asked of Asterisk is answered by ourselves, and
 * both legs come to where Asterisk would bring them. The Asterisk that is set is asked once, whether it is there and hears our
 * application, and for nothing else: no channel and no bridge of it is touched. Not for `incoming`: there nobody comes to a door of ours.
 */
export async function asteriskTestCall(
	config: NonNullable<AsteriskConfig['asterisk']>,
	{ ari, road, intake, clock }: AsteriskGateway,
	signal: TestSignal,
): Promise<TestCall> {
	await ari.ask('GET', `/applications/${config.app}`).catch((error) => {
		throw new Error(`Asterisk does not have Ycord as its application: ${error.message}`);
	});
	const { format } = config;
	const legs = new Map<string, TestLeg>();
	const begun = Promise.withResolvers<void>();
	let refusal: string | undefined;
	const fail = (error: Error) => {
		refusal ??= error.message;
		begun.reject(error);
	};

	/** Asterisk, as far as a call that is listened to needs it: all is done, and a channel is there at once. */
	const played: Ari = {
		async ask(_method, path, query = {}) {
			// The call is not there before who began it has let go.
			await undefined;
			const { channelId = path.split('/').at(-1) ?? '' } = query;
			if (path === '/channels/externalMedia') {
				const opened = config.media === 'audiosocket' ? tcpLeg(query) : socketLeg(config, query, signal.here);
				const leg = await opened.catch((error) => {
					fail(error);
					throw error;
				});
				legs.set(channelId.includes('-agent-') ? 'agent' : 'customer', leg);
			}
			call.event({ type: 'StasisStart', channel: { id: channelId } });
			return undefined;
		},
		async try() {},
		close() {},
	};
	const customer = signal.platformId;
	const call = listenedCall(
		{ customer, agentChannel: `${customer}-agent`, agentId: signal.agent },
		{
			ari: played,
			road,
			intake: {
				started(incoming, refused) {
					const live = intake.started(incoming, (why) => {
						fail(why);
						refused(why);
					});
					begun.resolve();
					return live;
				},
			},
			clock,
			app: config.app,
			prefix: `${config.app}-test-`,
			format,
			over({ reason }) {
				if (reason instanceof Refusal) fail(reason);
			},
		},
	);
	async function hangUp() {
		call.event({ type: 'ChannelDestroyed', channel: { id: customer } });
		await Promise.all([...legs.values()].map((leg) => leg.close()));
	}
	await begun.promise.catch(async (error) => {
		await hangUp();
		throw error;
	});

	const voices = { customer: inFormat(format, signal.customer), agent: inFormat(format, signal.agentVoice) };
	return {
		get refusal() {
			return refusal ?? [...legs.values()].find((leg) => leg.refusal !== undefined)?.refusal;
		},
		play(from, samples) {
			const { rate, write } = formats[format];
			const [first, last] = [from, from + samples].map((at) => (at * rate) / sampleRate);
			for (const leg of ['customer', 'agent'] as const) legs.get(leg)?.say(write(voices[leg].subarray(first, last)));
		},
		hangUp,
	};
}

/** As chan_websocket comes: the key by HTTP Basic, the leg in the address, MEDIA_START. */
async function socketLeg(
	config: NonNullable<AsteriskConfig['asterisk']>,
	query: Readonly<Record<string, string>>,
	here: string,
): Promise<TestLeg> {
	const [, leg = ''] = /v\(([^)]*)\)/.exec(query.transport_data ?? '') ?? [];
	const authorization = `Basic ${Buffer.from(`${config.client}:${config.mediaKeys[0]}`).toString('base64')}`;
	const socket = await testSocket(`${socketAddress(here, asteriskMediaPath)}?${leg}`, { authorization }, 'media');
	socket.send({ event: 'MEDIA_START', connection_id: config.client, format: config.format, ptime: 20 });
	return {
		say: socket.send,
		get refusal() {
			return socket.refusal;
		},
		close: socket.close,
	};
}

/** As AudioSocket comes: over TCP, the leg's UUID first. */
async function tcpLeg(query: Readonly<Record<string, string>>): Promise<TestLeg> {
	const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(query.external_host ?? '') ?? [];
	const socket = connect(Number(port), host);
	await new Promise<void>((resolve, reject) => {
		socket.once('connect', resolve);
		socket.on('error', (error) =>
			reject(new Error(`YCORD_ASTERISK_AUDIOSOCKET cannot be reached from this machine: ${error.message}`)),
		);
	});
	// What Ycord says is a hang-up at most.
	socket.resume();
	let isGone = false;
	const gone = new Promise<void>((resolve) => {
		socket.once('close', () => {
			isGone = true;
			resolve();
		});
	});
	socket.write(audioSocketMessage(kinds.id, Buffer.from((query.data ?? '').replaceAll('-', ''), 'hex')));
	const kind = query.format === 'slin16' ? kinds.slin16 : kinds.slin;
	return {
		say(bytes) {
			if (!isGone) socket.write(audioSocketMessage(kind, bytes));
		},
		get refusal() {
			return isGone ? 'Ycord closed the AudioSocket connection.' : undefined;
		},
		async close() {
			socket.end();
			await gone;
		},
	};
}

/** 8 kHz µ-law in the codec of a format; for a wideband one with a sample between any two. */
function inFormat(format: MediaFormat, voice: Uint8Array): Uint8Array {
	const { codec, rate } = formats[format];
	const encode = encoderOf[codec];
	const times = rate / sampleRate;
	const sampleAt = (at: number) => ulawTable[voice[Math.min(at, voice.length - 1)] as number] as number;
	return Uint8Array.from({ length: voice.length * times }, (_, n) => {
		const at = Math.floor(n / times);
		const part = n / times - at;
		return encode(Math.round(sampleAt(at) * (1 - part) + sampleAt(at + 1) * part));
	});
}
