import { Type } from 'typebox';
import { apiAddress, given, personId, type Setting, together, token, type ValuesOf } from '#server/setting.ts';

/** What an operator sets for Twilio. */
export const twilioSettings = {
	twilioAuthToken: {
		name: 'YCORD_TWILIO_AUTH_TOKEN',
		schema: token,
		otherwise: 'none',
		meaning: 'The Twilio account’s auth token, which proves that a call comes from Twilio.',
		secret: true,
	},
	twilioAuthTokenSecondary: {
		name: 'YCORD_TWILIO_AUTH_TOKEN_SECONDARY',
		schema: token,
		otherwise: 'none',
		meaning: 'A second Twilio auth token that is accepted too, while tokens are being changed.',
		secret: true,
	},
	twilioAgent: {
		name: 'YCORD_TWILIO_AGENT',
		flag: 'twilio-agent',
		schema: personId,
		otherwise: 'none',
		meaning: 'The person who gets the Twilio calls whose start names no agent.',
	},
	twilioAccountSid: {
		name: 'YCORD_TWILIO_ACCOUNT_SID',
		flag: 'twilio-account-sid',
		schema: Type.String({ pattern: '^AC[0-9a-fA-F]{32}$', description: 'AC and 32 hexadecimal digits' }),
		otherwise: 'none',
		meaning: 'The Twilio account whose calls may come, and can be asked about; needs an API key.',
	},
	twilioApiKey: {
		name: 'YCORD_TWILIO_API_KEY',
		flag: 'twilio-api-key',
		schema: Type.String({ pattern: '^SK[0-9a-fA-F]{32}$', description: 'SK and 32 hexadecimal digits' }),
		otherwise: 'none',
		meaning:
			'The SID of the API key with which Ycord asks Twilio to start streams and to bring an executive on the line.',
	},
	twilioApiSecret: {
		name: 'YCORD_TWILIO_API_SECRET',
		schema: token,
		otherwise: 'none',
		meaning: 'The secret of that API key.',
		secret: true,
	},
	twilioApi: {
		name: 'YCORD_TWILIO_API',
		flag: 'twilio-api',
		schema: apiAddress,
		default: 'https://api.twilio.com',
		meaning: 'Where Twilio’s REST API is; another one for another region, or for trials.',
	},
} as const satisfies Record<string, Setting>;

/** What of the server's configuration is Twilio's. */
export interface TwilioConfig {
	readonly twilioAuthTokens: string[];
	readonly twilioAgent?: string;
	/** Only whole: account, key, secret and address. */
	readonly twilioApi?: Readonly<{ accountSid: string; key: string; secret: string; url: string }>;
}

type Values = ValuesOf<typeof twilioSettings>;

/** What is of use only together. */
export const twilioProblems = (values: Values) =>
	together(twilioSettings, values, ['twilioAccountSid', 'twilioApiKey', 'twilioApiSecret']);

export function twilioConfig(values: Values): TwilioConfig {
	const { twilioAgent, twilioAccountSid: accountSid, twilioApiKey: key, twilioApiSecret: secret } = values;
	return {
		twilioAuthTokens: given(values.twilioAuthToken, values.twilioAuthTokenSecondary),
		...(twilioAgent === undefined ? {} : { twilioAgent }),
		...(accountSid && key && secret
			? { twilioApi: Object.freeze({ accountSid, key, secret, url: new URL(values.twilioApi).origin }) }
			: {}),
	};
}
