import { isIP } from 'node:net';
import { Type } from 'typebox';
import { given, personId, type Setting, token, type ValuesOf } from '#server/setting.ts';
import type { NgAddress } from '#server/telephony/rtpengine/ng.ts';

/** What an operator sets for rtpengine. */
export const rtpengineSettings = {
	rtpengine: {
		name: 'YCORD_RTPENGINE',
		flag: 'rtpengine',
		schema: Type.Refine(
			Type.String({
				description: 'IP addresses with ports, parted by commas, such as 192.0.2.7:2223, [2001:db8::7]:2223',
			}),
			(text) => readNgAddresses(text) !== undefined,
		),
		otherwise: 'none',
		meaning: 'Where rtpengine listens for control (listen-ng); each one that may have a call.',
	},
	rtpengineKey: {
		name: 'YCORD_RTPENGINE_KEY',
		schema: token,
		otherwise: 'none',
		meaning: 'The password with which the SIP proxy announces calls that rtpengine has (HTTP Basic).',
		secret: true,
	},
	rtpengineKeySecondary: {
		name: 'YCORD_RTPENGINE_KEY_SECONDARY',
		schema: token,
		otherwise: 'none',
		meaning: 'A second such password that is accepted too, while it is being changed.',
		secret: true,
	},
	rtpengineAgent: {
		name: 'YCORD_RTPENGINE_AGENT',
		flag: 'rtpengine-agent',
		schema: personId,
		otherwise: 'none',
		meaning: 'The person who gets the calls that are announced without an agent.',
	},
} as const satisfies Record<string, Setting>;

/** What of the server's configuration is rtpengine's. */
export interface RtpengineConfig {
	/** Not there: such calls are not taken. */
	readonly rtpengine?: Readonly<{ engines: readonly NgAddress[]; keys: readonly string[]; agentId?: string }>;
}

type Values = ValuesOf<typeof rtpengineSettings>;

const keysOf = ({ rtpengineKey, rtpengineKeySecondary }: Values) => given(rtpengineKey, rtpengineKeySecondary);

/** What is of use only together: who may announce calls, and where they are. */
export function rtpengineProblems(values: Values): string[] {
	const hasKeys = keysOf(values).length > 0;
	if (hasKeys === (values.rtpengine !== undefined)) return [];
	const missing = hasKeys ? 'YCORD_RTPENGINE' : 'YCORD_RTPENGINE_KEY';
	return [`${missing}: not given, and needed: YCORD_RTPENGINE and YCORD_RTPENGINE_KEY go together`];
}

export function rtpengineConfig(values: Values): RtpengineConfig {
	const keys = keysOf(values);
	if (values.rtpengine === undefined || keys.length === 0) return {};
	return {
		rtpengine: Object.freeze({
			engines: Object.freeze(readNgAddresses(values.rtpengine) ?? []),
			keys,
			...(values.rtpengineAgent === undefined ? {} : { agentId: values.rtpengineAgent }),
		}),
	};
}

/** More than a site's: each is asked in turn. */
const maxEngines = 16;

function readNgAddresses(text: string): NgAddress[] | undefined {
	const read = text.split(',').map((one) => {
		const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(one.trim()) ?? [];
		const host = bracketed ?? plain ?? '';
		const port = Number(digits);
		const isRight = isIP(host) === (bracketed === undefined ? 4 : 6) && port >= 1 && port <= 65_535;
		return isRight ? { host, port } : undefined;
	});
	if (read.length > maxEngines) return undefined;
	return read.every((one) => one !== undefined) ? read : undefined;
}
