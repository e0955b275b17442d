import { describe, expect, test } from 'vitest';
import { accepts, ConfigProblem, type Flags, readConfig, settings, type Variables } from '#server/config.ts';
import type { Setting } from '#server/setting.ts';

const key = Buffer.alloc(32, 1).toString('base64');
const accountSid = `AC${'0'.repeat(32)}`;
const apiKey = `SK${'1'.repeat(32)}`;
const oldKey = Buffer.alloc(32, 2).toString('base64');

describe('what a server is started with', () => {
	test('nothing given: every default, no optional field, and nothing can be changed later', () => {
		const config = readConfig({}, {});
		expect(config).toEqual({
			host: '127.0.0.1',
			port: 8080,
			data: './data',
			site: 'ycord',
			logLevel: 'info',
			demo: false,
			dev: false,
			twilioAuthTokens: [],
			telnyxKeys: [],
			plivoKeys: [],
			audioForkKeys: [],
			audiohookKeys: [],
			vonageKeys: [],
			allowAudible: false,
			rtp: { host: '127.0.0.1', address: '127.0.0.1', from: 30_000, to: 30_999, source: 'offer' },
			drainSeconds: 10,
			maxListeners: 500,
			maxCalls: 200,
			soundInterval: 'auto',
			secondStep: 'offered',
		});
		expect(Object.isFrozen(config) && Object.isFrozen(config.twilioAuthTokens)).toBe(true);
	});

	test('every setting by its variable', () => {
		const config = readConfig(
			{
				YCORD_HOST: '::1',
				YCORD_PORT: '0',
				YCORD_DATA: '/srv/ycord',
				YCORD_REDIS: 'rediss://ycord:secret@redis.example.com',
				YCORD_SITE: 'north-1',
				YCORD_PUBLIC_URL: 'https://Ycord.example.com/',
				YCORD_LOG_LEVEL: 'silent',
				YCORD_DEMO: 'true',
				YCORD_DEV: 'false',
				YCORD_PEOPLE: 'people.json',
				YCORD_TWILIO_AUTH_TOKEN: 'one',
				YCORD_TWILIO_AUTH_TOKEN_SECONDARY: 'two',
				YCORD_AUDIO_FORK_KEY: 'four',
				YCORD_AUDIO_FORK_KEY_SECONDARY: 'five',
				YCORD_AUDIO_FORK_AGENT: 'ben',
				YCORD_AUDIOHOOK_KEY: 'six',
				YCORD_AUDIOHOOK_SECRET: 'c2l4',
				YCORD_AUDIOHOOK_KEY_SECONDARY: 'seven',
				YCORD_AUDIOHOOK_SECRET_SECONDARY: 'c2V2ZW4=',
				YCORD_AUDIOHOOK_AGENT: 'dan',
				YCORD_AUDIOHOOK_TRANSFER: 'Transfer → Ycord survey',
				YCORD_VONAGE_KEY: 'six',
				YCORD_VONAGE_KEY_SECONDARY: 'seven',
				YCORD_VONAGE_AGENT: 'dan',
				YCORD_ALLOW_AUDIBLE: 'true',
				YCORD_TWILIO_AGENT: 'ana',
				YCORD_TWILIO_ACCOUNT_SID: accountSid,
				YCORD_TWILIO_API_KEY: apiKey,
				YCORD_TWILIO_API_SECRET: 'three',
				YCORD_TWILIO_API: 'https://api.dublin.ie1.twilio.com/',
				YCORD_TELNYX_KEY: 'a-key-for-telnyx',
				YCORD_TELNYX_KEY_SECONDARY: 'another-key-for-telnyx',
				YCORD_TELNYX_AGENT: 'dee',
				YCORD_PLIVO_KEY: 'a-key-for-plivo-',
				YCORD_PLIVO_KEY_SECONDARY: 'another-key-for-plivo',
				YCORD_PLIVO_AGENT: 'eve',
				YCORD_ASTERISK_URL: 'http://10.0.0.5:8088/',
				YCORD_ASTERISK_USER: 'listener',
				YCORD_ASTERISK_PASSWORD: 'ten',
				YCORD_ASTERISK_APP: 'ears',
				YCORD_ASTERISK_MEDIA: 'audiosocket',
				YCORD_ASTERISK_CLIENT: 'ears-media',
				YCORD_ASTERISK_MEDIA_KEY: 'eleven',
				YCORD_ASTERISK_MEDIA_KEY_SECONDARY: 'twelve',
				YCORD_ASTERISK_FORMAT: 'slin16',
				YCORD_ASTERISK_AUDIOSOCKET: '[2001:db8::7]:9092',
				YCORD_ASTERISK_AGENT: 'gus',
				YCORD_SIPREC_SOURCES: '192.0.2.4, 2001:db8::/32',
				YCORD_SIPREC_HOST: '0.0.0.0',
				YCORD_SIPREC_PORT: '5070',
				YCORD_SIPREC_TLS_PORT: '5071',
				YCORD_SIPREC_TLS_CERT: 'cert.pem',
				YCORD_SIPREC_TLS_KEY: 'key.pem',
				YCORD_SIPREC_AGENTS: '@agents\\.example\\.com$',
				YCORD_SIPREC_AGENT: 'cem',
				YCORD_RTPENGINE: '192.0.2.7:2223, [2001:db8::7]:22222',
				YCORD_RTPENGINE_KEY: 'six',
				YCORD_RTPENGINE_KEY_SECONDARY: 'seven',
				YCORD_RTPENGINE_AGENT: 'dan',
				YCORD_RTP_HOST: '0.0.0.0',
				YCORD_RTP_ADDRESS: '198.51.100.7',
				YCORD_RTP_PORTS: '20000-20099',
				YCORD_RTP_SOURCE: 'first',
				YCORD_MASTER_KEY: key,
				YCORD_MASTER_KEY_OLD: oldKey,
				YCORD_DRAIN_SECONDS: '600',
				YCORD_MAX_LISTENERS: '100000',
				YCORD_MAX_CALLS: '1',
				YCORD_SOUND_INTERVAL: '40',
				YCORD_SECOND_STEP: 'required',
				YCORD_OIDC_ISSUER: 'https://id.example.com/realms/one',
				YCORD_OIDC_CLIENT_ID: 'ycord-north',
				YCORD_OIDC_CLIENT_SECRET: 'eight',
				YCORD_OIDC_ROLES: 'groups:leads=supervisor',
				YCORD_OIDC_TEAM: 'department',
				YCORD_OIDC_SCOPES: 'openid groups',
			},
			{},
		);
		expect(config).toEqual({
			host: '::1',
			port: 0,
			data: '/srv/ycord',
			redis: 'rediss://ycord:secret@redis.example.com',
			site: 'north-1',
			publicUrl: 'https://ycord.example.com',
			logLevel: 'silent',
			demo: true,
			dev: true,
			people: 'people.json',
			twilioAuthTokens: ['one', 'two'],
			twilioAgent: 'ana',
			audioForkKeys: ['four', 'five'],
			audioForkAgent: 'ben',
			audiohookKeys: [
				{ key: 'six', secret: 'c2l4' },
				{ key: 'seven', secret: 'c2V2ZW4=' },
			],
			audiohookAgent: 'dan',
			audiohookTransfer: 'Transfer → Ycord survey',
			telnyxKeys: ['a-key-for-telnyx', 'another-key-for-telnyx'],
			telnyxAgent: 'dee',
			plivoKeys: ['a-key-for-plivo-', 'another-key-for-plivo'],
			plivoAgent: 'eve',
			vonageKeys: ['six', 'seven'],
			vonageAgent: 'dan',
			allowAudible: true,
			twilioApi: { accountSid, key: apiKey, secret: 'three', url: 'https://api.dublin.ie1.twilio.com' },
			asterisk: {
				url: 'http://10.0.0.5:8088',
				user: 'listener',
				password: 'ten',
				app: 'ears',
				media: 'audiosocket',
				client: 'ears-media',
				mediaKeys: ['eleven', 'twelve'],
				format: 'slin16',
				audioSocket: { host: '2001:db8::7', port: 9092 },
				agentId: 'gus',
			},
			siprec: {
				sources: '192.0.2.4, 2001:db8::/32',
				host: '0.0.0.0',
				port: 5070,
				tls: { port: 5071, cert: 'cert.pem', key: 'key.pem' },
				agentPattern: '@agents\\.example\\.com$',
				agentId: 'cem',
			},
			rtpengine: {
				engines: [
					{ host: '192.0.2.7', port: 2223 },
					{ host: '2001:db8::7', port: 22_222 },
				],
				keys: ['six', 'seven'],
				agentId: 'dan',
			},
			rtp: { host: '0.0.0.0', address: '198.51.100.7', from: 20_000, to: 20_099, source: 'first' },
			masterKey: key,
			masterKeyOld: oldKey,
			drainSeconds: 600,
			maxListeners: 100_000,
			maxCalls: 1,
			soundInterval: '40',
			secondStep: 'required',
			provider: {
				issuer: 'https://id.example.com/realms/one',
				clientId: 'ycord-north',
				clientSecret: 'eight',
				roles: [{ claim: 'groups', value: 'leads', role: 'supervisor' }],
				teamClaim: 'department',
				scopes: 'openid groups',
			},
		});
	});

	test('a flag wins over its variable, even over a wrong one', () => {
		expect(readConfig({ YCORD_PORT: 'eighty' }, { port: '81' }).port).toBe(81);
	});

	test('an empty variable counts as not given', () => {
		expect(readConfig({ YCORD_PORT: '', YCORD_TWILIO_AUTH_TOKEN: '', YCORD_PUBLIC_URL: '' }, {})).toEqual(
			readConfig({}, {}),
		);
	});

	test.each(['true', '1', true])('the demo is on with %j', (demo) => {
		expect(readConfig({}, { demo }).demo).toBe(true);
	});

	test.each(['false', '0'])('the demo is off with %j', (demo) => {
		expect(readConfig({ YCORD_DEMO: demo }, {}).demo).toBe(false);
	});

	test.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost', 'LocalHost'])('a demo may listen on %s', (host) => {
		expect(readConfig({}, { demo: true, host }).host).toBe(host);
	});

	test('variables of the tests and of other programs are none of its business', () => {
		expect(readConfig({ YCORD_TEST_CHROMIUM: '/x', PORT: '1', XYCORD_PORT: '2' }, {})).toEqual(readConfig({}, {}));
	});
});

describe('wrong settings', () => {
	const wrong: [string, string[]][] = [
		['YCORD_HOST', ['http://x', 'a b', 'x:80', '[::1]', '-x', 'ä']],
		['YCORD_PORT', ['-1', '65536', 'eighty', '0x50', '8e3', '80.5', ' 80', '99999999999999999999']],
		['YCORD_DATA', [' ']],
		['YCORD_SITE', ['North', 'a_b', '{x}', 'x'.repeat(41)]],
		[
			'YCORD_PUBLIC_URL',
			['ycord.example.com', 'ftp://x', 'https://x/y', 'https://x?y', 'https://x#y', 'https://', 'x'],
		],
		['YCORD_LOG_LEVEL', ['loud', 'INFO']],
		['YCORD_DEMO', ['yes', 'on', 'TRUE', '2']],
		['YCORD_DEV', ['yes']],
		['YCORD_PEOPLE', [' ']],
		['YCORD_SURVEY', [' ']],
		['YCORD_POLICY', [' ']],
		['YCORD_TWILIO_AGENT', ['a b', 'x'.repeat(101)]],
		['YCORD_TELNYX_AGENT', ['a b']],
		['YCORD_PLIVO_AGENT', ['a b']],
		['YCORD_AUDIO_FORK_AGENT', ['a b', 'x'.repeat(101)]],
		['YCORD_AUDIOHOOK_AGENT', ['a b', 'x'.repeat(101)]],
		['YCORD_AUDIOHOOK_TRANSFER', [' ', 'x', 'x'.repeat(101)]],
		['YCORD_VONAGE_AGENT', ['a b', 'x'.repeat(101)]],
		['YCORD_ALLOW_AUDIBLE', ['yes', '2']],
		['YCORD_TWILIO_ACCOUNT_SID', ['AC1', apiKey]],
		['YCORD_TWILIO_API_KEY', ['SK1', accountSid]],
		[
			'YCORD_TWILIO_API',
			['http://api.twilio.com', 'http://127.example.com', 'api.twilio.com', 'https://x/2010', 'ws://x'],
		],
		['YCORD_ASTERISK_URL', ['10.0.0.5:8088', 'http://10.0.0.5/ari']],
		['YCORD_ASTERISK_USER', ['a b', 'a:b']],
		['YCORD_ASTERISK_APP', ['my app', 'x'.repeat(41)]],
		['YCORD_ASTERISK_MEDIA', ['rtp']],
		['YCORD_ASTERISK_CLIENT', ['a/b']],
		['YCORD_ASTERISK_FORMAT', ['opus']],
		['YCORD_ASTERISK_AUDIOSOCKET', ['10.0.0.7', '10.0.0.7:99999']],
		['YCORD_ASTERISK_AGENT', ['a b']],
		['YCORD_SIPREC_SOURCES', ['sbc.example.com', '192.0.2.4/33', '192.0.2.4,', '::1/129', '1.2.3.4/8/9']],
		['YCORD_SIPREC_HOST', ['sbc.example.com']],
		['YCORD_SIPREC_PORT', ['65536']],
		['YCORD_SIPREC_TLS_PORT', ['sips']],
		['YCORD_SIPREC_TLS_CERT', [' ']],
		['YCORD_SIPREC_TLS_KEY', [' ']],
		['YCORD_SIPREC_AGENTS', ['(', ' ']],
		['YCORD_SIPREC_AGENT', ['a b']],
		[
			'YCORD_RTPENGINE',
			[
				'192.0.2.7',
				'rtpengine.example.com:2223',
				'2001:db8::7:2223',
				'[192.0.2.7]:2223',
				'192.0.2.7:0',
				'192.0.2.7:1,',
			],
		],
		['YCORD_RTPENGINE_AGENT', ['a b']],
		['YCORD_RTP_HOST', ['rtp.example.com']],
		['YCORD_RTP_ADDRESS', ['rtp.example.com', '192.0.2.4:5060']],
		['YCORD_RTP_PORTS', ['30000', '30000-20000', '80-90', '60000-70000']],
		['YCORD_RTP_SOURCE', ['anybody']],
		['YCORD_DRAIN_SECONDS', ['-1', '601', '1.5']],
		['YCORD_MAX_LISTENERS', ['0', '100001']],
		['YCORD_MAX_CALLS', ['0', 'many']],
		['YCORD_SOUND_INTERVAL', ['30', '020', 'Auto']],
		['YCORD_SECOND_STEP', ['off', 'true', 'Required']],
		['YCORD_OIDC_ISSUER', ['id.example.com', 'http://id.example.com', 'https://id.example.com?x']],
		['YCORD_OIDC_CLIENT_ID', ['a b', 'x'.repeat(201)]],
		[
			'YCORD_OIDC_ROLES',
			['leads=supervisor', 'groups:leads', 'groups:leads=boss', 'groups:leads=agent,', 'groups:=agent', ':leads=agent'],
		],
		['YCORD_OIDC_TEAM', ['a b']],
		['YCORD_OIDC_SCOPES', ['profile', 'openid  profile', 'openid,profile']],
	];

	test('are tried here for every setting that is not a secret', () => {
		const open = all.filter((one) => !one.secret).map((one) => one.name);
		expect(wrong.map(([name]) => name).sort()).toEqual(open.sort());
	});

	describe.each(wrong)('%s', (name, values) => {
		const setting = all.find((one) => one.name === name) as Setting;

		test.each(values)('%j is refused by its name, with what was given and what is accepted', (given) => {
			const shown = JSON.stringify(given).slice(0, 99);
			const [line, ...more] = problemsOf({ [name]: given }, {});
			expect(more).toEqual([]);
			expect(line).toContain(`${name}: given ${shown}`);
			expect(line).toContain(`accepted: ${accepts(setting)}`);
			expect(problemsOf({}, { [String(setting.flag)]: given })[0]).toContain(
				`${name} (--${setting.flag}): given ${shown}`,
			);
		});
	});

	test('a Twilio API key is whole or not there, and its address is https but on this machine', () => {
		const whole = {
			YCORD_TWILIO_ACCOUNT_SID: accountSid,
			YCORD_TWILIO_API_KEY: apiKey,
			YCORD_TWILIO_API_SECRET: 'hunter2',
		};
		for (const name of Object.keys(whole)) {
			const problem = problemOf({ ...whole, [name]: '' }, {});
			expect(problem.problems).toEqual([expect.stringContaining(`${name}: not given, and needed: `)]);
			expect(problem.message).not.toContain('hunter2');
		}
		expect(readConfig(whole, {}).twilioApi?.url).toBe('https://api.twilio.com');
		for (const url of ['http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:1'])
			expect(readConfig({ ...whole, YCORD_TWILIO_API: url }, {}).twilioApi?.url).toBe(url);
	});

	test('a flag without its value was given nothing', () => {
		expect(problemsOf({}, { port: true })).toEqual([
			'YCORD_PORT (--port): given nothing, accepted: a whole number from 0 to 65535',
		]);
	});

	test('all of them are told at once, in one text', () => {
		const env = { YCORD_PORT: 'x', YCORD_LOG_LEVEL: 'loud', YCORD_PROT: '1', YCORD_MAX_CALLS: '0' };
		const problem = problemOf(env, { hots: 'x', data: true });
		expect(problem.problems).toHaveLength(6);
		expect(problem.message.split('\n')[0]).toBe('6 settings are wrong:');
		for (const name of ['YCORD_PORT', 'YCORD_LOG_LEVEL', 'YCORD_PROT', 'YCORD_MAX_CALLS', '--hots', 'YCORD_DATA']) {
			expect(problem.message).toContain(`\n  ${name}`);
		}
	});

	test.each([
		['YCORD_PROT', 'YCORD_PORT'],
		['YCORD_DATE', 'YCORD_DATA'],
		['YCORD_PUBLICURL', 'YCORD_PUBLIC_URL'],
		['YCORD_MAX_LISTENER', 'YCORD_MAX_LISTENERS'],
		['YCORD_TWILIO_AUTH_TOKEN_FIEL', 'YCORD_TWILIO_AUTH_TOKEN_FILE'],
		['YCORD_HOST_FILE', 'YCORD_HOST'],
	])('the unknown variable %s names its nearest, %s', (typed, meant) => {
		expect(problemsOf({ [typed]: 'x' }, {})).toEqual([`${typed}: no such setting; the nearest is ${meant}`]);
	});

	test('a secret of AudioHook without its key, and a second key with less than the first', () => {
		expect(problemsOf({ YCORD_AUDIOHOOK_SECRET: 'c2l4' }, {})).toEqual([
			'YCORD_AUDIOHOOK_SECRET: needs YCORD_AUDIOHOOK_KEY',
		]);
		const first = { YCORD_AUDIOHOOK_KEY: 'six', YCORD_AUDIOHOOK_SECRET: 'c2l4' };
		expect(problemsOf({ ...first, YCORD_AUDIOHOOK_KEY_SECONDARY: 'seven' }, {})).toEqual([
			expect.stringContaining('needs YCORD_AUDIOHOOK_SECRET_SECONDARY'),
		]);
	});

	test('an unknown flag names its nearest', () => {
		expect(problemsOf({}, { 'log-levle': 'info' })).toEqual(['--log-levle: no such flag; the nearest is --log-level']);
	});

	test.each(['0.0.0.0', '192.168.1.2', 'ycord.example.com', '::', '127.example.com'])(
		'a demo on %s is refused',
		(host) => {
			const [line, ...more] = problemsOf({ YCORD_DEMO: 'true' }, { host });
			expect(more).toEqual([]);
			expect(line).toContain(`YCORD_HOST: given "${host}" together with the demo`);
			expect(line).toContain('accepted with it: a loopback address');
		},
	);

	test('trials on an address that others reach are refused', () => {
		expect(problemsOf({ YCORD_DEV: 'true' }, { host: '0.0.0.0' })).toEqual([
			expect.stringContaining('YCORD_HOST: given "0.0.0.0" together with trials (YCORD_DEV, --dev)'),
		]);
	});

	test('what was given stays on one line of bearable length', () => {
		const [line] = problemsOf({ YCORD_LOG_LEVEL: `a\nb${'c'.repeat(500)}` }, {});
		expect(line).toContain('given "a\\nbccc');
		expect(line?.length).toBeLessThan(250);
	});
});

describe('secrets', () => {
	const secret = 'k7 hunter2';
	const secrets = all.filter((one) => one.secret).map((one) => one.name);
	const schemaOf = (name: string) => accepts(all.find((one) => one.name === name) as Setting);
	const given = (name: string) =>
		name === 'YCORD_REDIS'
			? 'redis://:hunter2@redis.example.com'
			: /TELNYX|PLIVO/.test(name)
				? key.replaceAll(/[+/=]/g, '-')
				: key;
	const holding = (text: string) => () => text;

	test.each(secrets)('%s is not shown when it is wrong', (name) => {
		const problem = problemOf({ [name]: secret }, {});
		expect(problem.message).toContain(`${name}: given (not shown), accepted: ${schemaOf(name)}`);
		expect(problem.message).not.toContain('hunter2');
	});

	test.each(secrets)('%s comes from a file too, without the line end that editors add', (name) => {
		const read: string[] = [];
		const beside: Record<string, Variables> = {
			YCORD_TWILIO_API_SECRET: { YCORD_TWILIO_ACCOUNT_SID: accountSid, YCORD_TWILIO_API_KEY: apiKey },
			YCORD_ASTERISK_PASSWORD: { YCORD_ASTERISK_MEDIA_KEY: 'known' },
			YCORD_ASTERISK_MEDIA_KEY: { YCORD_ASTERISK_PASSWORD: 'known' },
			YCORD_ASTERISK_MEDIA_KEY_SECONDARY: { YCORD_ASTERISK_PASSWORD: 'known', YCORD_ASTERISK_MEDIA_KEY: 'known' },
			YCORD_AUDIOHOOK_SECRET: { YCORD_AUDIOHOOK_KEY: 'known' },
			YCORD_AUDIOHOOK_SECRET_SECONDARY: { YCORD_AUDIOHOOK_KEY_SECONDARY: 'known' },
			YCORD_OIDC_CLIENT_SECRET: {
				YCORD_OIDC_ISSUER: 'https://id.example.com',
				YCORD_OIDC_CLIENT_ID: 'ycord',
				YCORD_OIDC_ROLES: 'groups:leads=supervisor',
			},
		};
		const env = {
			[`${name}_FILE`]: '/run/secrets/token',
			...beside[name],
			...(name.startsWith('YCORD_ASTERISK')
				? { YCORD_ASTERISK_URL: 'http://192.0.2.7:8088', YCORD_ASTERISK_USER: 'listener' }
				: {}),
			...(name.startsWith('YCORD_RTPENGINE') ? { YCORD_RTPENGINE: '192.0.2.7:2223' } : {}),
		};
		const config = readConfig(env, {}, (path) => {
			read.push(path);
			return `${given(name)}\n`;
		});
		const { twilioAuthTokens, telnyxKeys, plivoKeys, audioForkKeys, vonageKeys, rtpengine } = config;
		const { twilioApi, masterKey, masterKeyOld, redis, provider } = config;
		const hookKeys = config.audiohookKeys.flatMap((one) => [one.key, one.secret]);
		const keys = [twilioAuthTokens, telnyxKeys, plivoKeys, audioForkKeys, vonageKeys, rtpengine?.keys ?? []].flat();
		const asteriskKeys = [config.asterisk?.password, ...(config.asterisk?.mediaKeys ?? [])];
		const found = [
			...keys,
			...hookKeys,
			...asteriskKeys,
			twilioApi?.secret,
			provider?.clientSecret,
			masterKey,
			masterKeyOld,
			redis,
		];
		expect(found.filter((one) => one && one !== 'known')).toEqual([given(name)]);
		expect(read).toEqual(['/run/secrets/token']);
	});

	test.each([
		['31 bytes', Buffer.alloc(31, 1).toString('base64')],
		['33 bytes', Buffer.alloc(33, 1).toString('base64')],
		['hexadecimal', Buffer.alloc(32, 1).toString('hex')],
		['a last digit that says more than 32 bytes can', `${'A'.repeat(42)}B=`],
	])('a master key of %s is refused', (_, given) => {
		expect(problemsOf({ YCORD_MASTER_KEY: given }, {})[0]).toContain('accepted: 32 random bytes in base64');
	});

	test('a wrong value in a file is not shown', () => {
		const problem = problemOf({ YCORD_TWILIO_AUTH_TOKEN_FILE: '/x' }, {}, holding(secret));
		expect(problem.problems).toEqual([
			'YCORD_TWILIO_AUTH_TOKEN_FILE: given (not shown), accepted: text without spaces, at most 200 characters',
		]);
	});

	test('a file that is not there, and one that is empty, are named by their variable', () => {
		const gone = problemOf({ YCORD_TWILIO_AUTH_TOKEN_FILE: '/nowhere/hunter2' }, {});
		expect(gone.message).toContain('YCORD_TWILIO_AUTH_TOKEN_FILE: names a file that is not there');
		expect(gone.message).not.toContain('hunter2');
		const empty = problemOf({ YCORD_TWILIO_AUTH_TOKEN_FILE: '/x' }, {}, holding(' \n'));
		expect(empty.message).toContain('YCORD_TWILIO_AUTH_TOKEN_FILE: names a file that is empty');
	});

	test('both ways at once is one too many', () => {
		const env = { YCORD_TWILIO_AUTH_TOKEN: 'hunter2', YCORD_TWILIO_AUTH_TOKEN_FILE: '/x' };
		expect(problemsOf(env, {})).toEqual([
			'YCORD_TWILIO_AUTH_TOKEN: given both directly and by YCORD_TWILIO_AUTH_TOKEN_FILE, accepted: one of the two',
		]);
	});

	test('the values of unknown names may be secrets: they are not shown either', () => {
		const problem = problemOf(
			{ YCORD_TWILIO_AUTH_TOKN: 'hunter2' },
			{ 'twilio-tokn': 'hunter2', 'twilio-auth-token': 'hunter2' },
		);
		expect(problem.message).not.toContain('hunter2');
		expect(problem.message).toContain('--twilio-auth-token: no such flag, for a secret is not safe there');
	});

	test('a password in a pasted URL is not shown', () => {
		const [line] = problemsOf({ YCORD_PUBLIC_URL: 'https://me:hunter2@example.com' }, {});
		expect(line).toContain('given "https://(not shown)@example.com"');
	});
});

const all: readonly Setting[] = Object.values(settings);

function problemOf(env: Variables, flags: Flags, readFile?: (path: string) => string): ConfigProblem {
	try {
		readConfig(env, flags, readFile);
	} catch (error) {
		if (error instanceof ConfigProblem) return error;
		throw error;
	}
	throw new Error('was accepted');
}

function problemsOf(env: Variables, flags: Flags): readonly string[] {
	return problemOf(env, flags).problems;
}
