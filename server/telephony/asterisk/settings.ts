import { Type } from 'typebox';
import { given, isWebOrigin, personId, type Setting, together, token, type ValuesOf } from '#server/setting.ts';

/** How Asterisk sends sound: it dials our WebSocket, we dial its own, or AudioSocket over TCP. */
export const mediaWays = ['websocket', 'incoming', 'audiosocket'] as const;
export type MediaWay = (typeof mediaWays)[number];
/** What sound is coded in on the way; `slin` is 16-bit linear. */
export const mediaFormats = ['ulaw', 'alaw', 'slin', 'slin16'] as const;
export type MediaFormat = (typeof mediaFormats)[number];

/** A name as Asterisk takes it for applications, sections and contexts. */
const asteriskName = Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$', description: 'up to 40 of a–z, 0–9, _ and -' });
const hostAndPort = /^(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]{1,253}):(\d{1,5})$/i;

/** What an operator sets for Asterisk. */
export const asteriskSettings = {
	asteriskUrl: {
		name: 'YCORD_ASTERISK_URL',
		flag: 'asterisk-url',
		schema: Type.Refine(
			Type.String({ description: 'http:// or https:// and a host, without a path, such as http://10.0.0.5:8088' }),
			isWebOrigin,
		),
		otherwise: 'none: there is no Asterisk',
		meaning: 'Where Asterisk’s own HTTP server is; over http:// only in a network of your own.',
	},
	asteriskUser: {
		name: 'YCORD_ASTERISK_USER',
		flag: 'asterisk-user',
		schema: asteriskName,
		otherwise: 'none',
		meaning: 'The user of ari.conf that Ycord is.',
	},
	asteriskPassword: {
		name: 'YCORD_ASTERISK_PASSWORD',
		schema: token,
		otherwise: 'none',
		meaning: 'The password of that user.',
		secret: true,
	},
	asteriskApp: {
		name: 'YCORD_ASTERISK_APP',
		flag: 'asterisk-app',
		schema: asteriskName,
		default: 'ycord',
		meaning: 'The Stasis application Ycord is; also what its own channels and bridges are named after.',
	},
	asteriskMedia: {
		name: 'YCORD_ASTERISK_MEDIA',
		flag: 'asterisk-media',
		schema: Type.Enum([...mediaWays], { description: 'websocket, incoming or audiosocket' }),
		default: 'websocket',
		meaning: 'How sound comes: Asterisk dials Ycord’s WebSocket, Ycord dials Asterisk’s, or AudioSocket.',
	},
	asteriskClient: {
		name: 'YCORD_ASTERISK_CLIENT',
		flag: 'asterisk-client',
		schema: asteriskName,
		default: 'ycord',
		meaning: 'The section of websocket_client.conf by which Asterisk dials Ycord.',
	},
	asteriskMediaKey: {
		name: 'YCORD_ASTERISK_MEDIA_KEY',
		schema: token,
		otherwise: 'none: Asterisk cannot dial Ycord',
		meaning: 'The password in that section (HTTP Basic).',
		secret: true,
	},
	asteriskMediaKeySecondary: {
		name: 'YCORD_ASTERISK_MEDIA_KEY_SECONDARY',
		schema: token,
		otherwise: 'none',
		meaning: 'A second such password that is accepted too, while it is being changed.',
		secret: true,
	},
	asteriskFormat: {
		name: 'YCORD_ASTERISK_FORMAT',
		flag: 'asterisk-format',
		schema: Type.Enum([...mediaFormats], { description: 'ulaw, alaw, slin or slin16' }),
		default: 'ulaw',
		meaning: 'What Asterisk codes sound in for Ycord; slin16 keeps wideband calls wide.',
	},
	asteriskAudioSocket: {
		name: 'YCORD_ASTERISK_AUDIOSOCKET',
		flag: 'asterisk-audiosocket',
		schema: Type.Refine(
			Type.String({ description: 'an address and a port, such as 10.0.0.7:9092' }),
			(text) => Number(hostAndPort.exec(text)?.[2]) <= 65_535,
		),
		otherwise: 'none',
		meaning: 'Where AudioSocket is heard, as Asterisk reaches it; in a network of your own, for it is not encrypted.',
	},
	asteriskAgent: {
		name: 'YCORD_ASTERISK_AGENT',
		flag: 'asterisk-agent',
		schema: personId,
		otherwise: 'none',
		meaning: 'The person who gets the Asterisk calls whose dialplan names no agent.',
	},
} as const satisfies Record<string, Setting>;

/** What of the server's configuration is Asterisk's; not there: no Asterisk. */
export interface AsteriskConfig {
	readonly asterisk?: Readonly<{
		url: string;
		user: string;
		password: string;
		app: string;
		media: MediaWay;
		client: string;
		mediaKeys: string[];
		format: MediaFormat;
		audioSocket?: Readonly<{ host: string; port: number }>;
		agentId?: string;
	}>;
}

type Values = ValuesOf<typeof asteriskSettings>;

export function asteriskProblems(values: Values): string[] {
	const problems = together(asteriskSettings, values, ['asteriskUrl', 'asteriskUser', 'asteriskPassword']);
	if (values.asteriskUrl === undefined || problems.length > 0) return problems;
	if (values.asteriskMedia === 'websocket' && values.asteriskMediaKey === undefined)
		return ['YCORD_ASTERISK_MEDIA_KEY: not given, and needed with YCORD_ASTERISK_MEDIA websocket'];
	if (values.asteriskMedia !== 'audiosocket') return [];
	if (values.asteriskAudioSocket === undefined)
		return ['YCORD_ASTERISK_AUDIOSOCKET: not given, and needed with YCORD_ASTERISK_MEDIA audiosocket'];
	return values.asteriskFormat.startsWith('slin')
		? []
		: ['YCORD_ASTERISK_FORMAT: AudioSocket carries slin or slin16 only'];
}

export function asteriskConfig(values: Values): AsteriskConfig {
	const { asteriskUrl: url, asteriskUser: user, asteriskPassword: password, asteriskAgent: agentId } = values;
	if (!url || !user || !password) return {};
	const [, host, port] = hostAndPort.exec(values.asteriskAudioSocket ?? '') ?? [];
	return {
		asterisk: Object.freeze({
			url: new URL(url).origin,
			user,
			password,
			app: values.asteriskApp,
			media: values.asteriskMedia as MediaWay,
			client: values.asteriskClient,
			mediaKeys: given(values.asteriskMediaKey, values.asteriskMediaKeySecondary),
			format: values.asteriskFormat as MediaFormat,
			...(host && port
				? { audioSocket: Object.freeze({ host: host.replace(/^\[|\]$/g, ''), port: Number(port) }) }
				: {}),
			...(agentId === undefined ? {} : { agentId }),
		}),
	};
}
