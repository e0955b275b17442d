import { Type } from 'typebox';
import { personId, type Setting, together, type ValuesOf, whole } from '#server/setting.ts';
import { addresses, ipAddress } from '#server/telephony/rtp/settings.ts';

const file = Type.String({ pattern: '\\S', description: 'the path of a PEM file' });

/** What an operator sets for SIPREC. */
export const siprecSettings = {
	siprecSources: {
		name: 'YCORD_SIPREC_SOURCES',
		flag: 'siprec-sources',
		schema: addresses,
		otherwise: 'none: there is no SIPREC',
		meaning: 'The session border controllers that may record here; everybody else is not answered.',
	},
	siprecHost: {
		name: 'YCORD_SIPREC_HOST',
		flag: 'siprec-host',
		schema: ipAddress,
		default: '127.0.0.1',
		meaning: 'The address to listen on for SIP.',
	},
	siprecPort: {
		name: 'YCORD_SIPREC_PORT',
		flag: 'siprec-port',
		schema: whole(0, 65_535),
		default: 5060,
		meaning: 'The port to listen on for SIP over UDP and TCP; 0 takes any free one.',
	},
	siprecTlsPort: {
		name: 'YCORD_SIPREC_TLS_PORT',
		flag: 'siprec-tls-port',
		schema: whole(0, 65_535),
		otherwise: 'none: no TLS',
		meaning: 'The port to listen on for SIP over TLS, such as 5061; needs certificate and key.',
	},
	siprecTlsCert: {
		name: 'YCORD_SIPREC_TLS_CERT',
		flag: 'siprec-tls-cert',
		schema: file,
		otherwise: 'none',
		meaning: 'The certificate for SIP over TLS, with its chain.',
	},
	siprecTlsKey: {
		name: 'YCORD_SIPREC_TLS_KEY',
		flag: 'siprec-tls-key',
		schema: file,
		otherwise: 'none',
		meaning: 'The file with the key of that certificate.',
	},
	siprecAgents: {
		name: 'YCORD_SIPREC_AGENTS',
		flag: 'siprec-agents',
		schema: Type.Refine(
			Type.String({ maxLength: 300, description: 'a regular expression, such as @agents\\.example\\.com$' }),
			(text) => text.trim() !== '' && isPattern(text),
		),
		otherwise: 'none: the first stream is the caller’s, and the caller is the customer',
		meaning: 'Which SIP addresses are agents’; the other side of the call is the customer.',
	},
	siprecAgent: {
		name: 'YCORD_SIPREC_AGENT',
		flag: 'siprec-agent',
		schema: personId,
		otherwise: 'none',
		meaning: 'The person who gets the SIPREC calls whose metadata name no agent.',
	},
} as const satisfies Record<string, Setting>;

function isPattern(text: string): boolean {
	try {
		new RegExp(text);
		return true;
	} catch {
		return false;
	}
}

/** What of the server's configuration is SIPREC's; not there: no SIPREC. */
export interface SiprecConfig {
	readonly siprec?: Readonly<{
		sources: string;
		host: string;
		port: number;
		tls?: Readonly<{ port: number; cert: string; key: string }>;
		agentPattern?: string;
		agentId?: string;
	}>;
}

type Values = ValuesOf<typeof siprecSettings>;

export const siprecProblems = (values: Values) =>
	together(siprecSettings, values, ['siprecTlsPort', 'siprecTlsCert', 'siprecTlsKey']);

export function siprecConfig(values: Values): SiprecConfig {
	const { siprecTlsPort: port, siprecTlsCert: cert, siprecTlsKey: key } = values;
	if (values.siprecSources === undefined) return {};
	return {
		siprec: Object.freeze({
			sources: values.siprecSources,
			host: values.siprecHost,
			port: values.siprecPort,
			...(port !== undefined && cert && key ? { tls: Object.freeze({ port, cert, key }) } : {}),
			...(values.siprecAgents === undefined ? {} : { agentPattern: values.siprecAgents }),
			...(values.siprecAgent === undefined ? {} : { agentId: values.siprecAgent }),
		}),
	};
}
