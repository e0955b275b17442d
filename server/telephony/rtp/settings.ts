import { BlockList, isIP } from 'node:net';
import { Type } from 'typebox';
import type { Setting, ValuesOf } from '#server/setting.ts';

const portRange = /^(\d{4,5})-(\d{4,5})$/;
export const ipAddress = Type.Refine(Type.String({ description: 'an IP address' }), (text) => isIP(text) !== 0);
/** Addresses and subnets, parted by commas. */
export const addresses = Type.Refine(
	Type.String({ description: 'IP addresses or subnets, parted by commas, such as 192.0.2.4, 198.51.100.0/24' }),
	(text) => readAddresses(text) !== undefined,
);

/** What an operator sets for every gateway whose sound comes as RTP. */
export const rtpSettings = {
	rtpHost: {
		name: 'YCORD_RTP_HOST',
		flag: 'rtp-host',
		schema: ipAddress,
		default: '127.0.0.1',
		meaning: 'The address to listen on for sound that comes as RTP (SIPREC, rtpengine).',
	},
	rtpAddress: {
		name: 'YCORD_RTP_ADDRESS',
		flag: 'rtp-address',
		schema: ipAddress,
		otherwise: 'as YCORD_RTP_HOST',
		meaning: 'The address by which phone platforms reach this server for RTP and SIP, where it is another one.',
	},
	rtpPorts: {
		name: 'YCORD_RTP_PORTS',
		flag: 'rtp-ports',
		schema: Type.Refine(
			Type.String({ description: 'a first and a last port with a hyphen between, such as 30000-30999' }),
			(text) => {
				const [, from, to] = portRange.exec(text) ?? [];
				return Number(from) >= 1024 && Number(to) <= 65_535 && Number(from) < Number(to);
			},
		),
		default: '30000-30999',
		meaning: 'UDP ports for RTP; a call takes four of them.',
	},
	rtpSource: {
		name: 'YCORD_RTP_SOURCE',
		flag: 'rtp-source',
		schema: Type.Enum(['offer', 'first'], { description: 'offer or first' }),
		default: 'offer',
		meaning:
			'Whose RTP is heard: the address a call’s description names, or whoever sends first (behind address translation).',
	},
} as const satisfies Record<string, Setting>;

/** What of the server's configuration is about RTP. */
export interface RtpConfig {
	readonly rtp: Readonly<{ host: string; address: string; from: number; to: number; source: 'offer' | 'first' }>;
}

export function rtpConfig({ rtpHost, rtpAddress, rtpPorts, rtpSource }: ValuesOf<typeof rtpSettings>): RtpConfig {
	const [, from, to] = portRange.exec(rtpPorts) ?? [];
	return {
		rtp: Object.freeze({
			host: rtpHost,
			address: rtpAddress ?? rtpHost,
			from: Number(from),
			to: Number(to),
			source: rtpSource as 'offer' | 'first',
		}),
	};
}

/** The parts of a list of addresses; undefined if one of them is none. */
function readAddresses(text: string): { address: string; bits: number | undefined }[] | undefined {
	const read = text.split(',').map((one) => {
		const [address = '', bits, ...more] = one.trim().split('/');
		const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
		const isSubnet = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
		return most > 0 && isSubnet && more.length === 0
			? { address, bits: bits === undefined ? undefined : Number(bits) }
			: undefined;
	});
	return read.every((one) => one !== undefined) ? (read as { address: string; bits: number | undefined }[]) : undefined;
}

/** What a list of addresses lets in. */
export function addressList(text: string): BlockList {
	const list = new BlockList();
	for (const { address, bits } of readAddresses(text) ?? []) {
		const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
		if (bits === undefined) list.addAddress(address, family);
		else list.addSubnet(address, bits, family);
	}
	return list;
}
