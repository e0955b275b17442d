import { randomBytes } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import qrcode from 'qrcode-generator';
import type { Access } from '#server/access/access.ts';
import { passwordFault } from '#server/access/password.ts';
import type { PasswordHashing } from '#server/access/password-hash.ts';
import { base32, fromBase32, otpauthAddress, stepOf } from '#server/access/totp.ts';
import type { Identity } from '#server/http/identity.ts';
import { noUpgrade } from '#server/http/no-upgrade.ts';
import type { Tries } from '#server/http/tries.ts';
import { Refusal } from '#shared/refusals.ts';
import { ChoosePassword, PasswordSignIn, SignedIn, SignIn, Welcome } from '#shared/rest.ts';

export interface PasswordNeeds {
	access: Access;
	hashing: PasswordHashing;
	identity: Identity;
	tries: Tries;
	now: () => number;
	/** Whether an authenticator's code is asked of everybody, or of whoever wants it. */
	secondStep: 'offered' | 'required';
	demo: boolean;
}

/** Bytes of an authenticator's secret: as long as its hash. (RFC 4226, 4) */
const codeSecretBytes = 20;

/** Signing in with name and password, and the one link by which a password is chosen. [I3] [I4] */
export const passwords: FastifyPluginAsyncTypebox<PasswordNeeds> = async (app, needs) => {
	const { access, hashing, identity, tries, now, secondStep, demo } = needs;
	const { accounts } = access;
	app.addHook('onRequest', noUpgrade);
	app.addHook('onRequest', async (request) => identity.mustBeOurs(request));

	app.post(
		'/api/sign-in/password',
		{ schema: { body: PasswordSignIn, response: { 200: SignedIn } } },
		async (request, reply) => {
			const { password, code } = request.body;
			const id = request.body.name.trim().toLowerCase();
			tries.byAddress(request.ip);
			tries.byPerson(id);
			const secrets = accounts.secrets(id);
			const fits = await hashing.fits(password, secrets?.password);
			if (!secrets || !fits) throw new Refusal('access.wrong');
			if (secrets.codeSecret) {
				if (code === undefined) throw new Refusal('access.code-needed');
				const step = stepOf(secrets.codeSecret, code, now());
				if (step === undefined || !accounts.takeStep(id, step)) throw new Refusal('access.code-wrong');
			} else if (secondStep === 'required') throw new Refusal('access.code-missing');
			// Once more: somebody may have been disabled, or given another password, while this one was tried.
			const person = accounts.find(id);
			if (!person || accounts.secrets(id)?.password !== secrets.password) throw new Refusal('access.wrong');
			identity.remember(reply, person);
			request.log.info({ personId: id }, 'signed in with a password');
			return { person, demo };
		},
	);

	const welcomed = (secret: string) => {
		const id = access.welcome(secret, now());
		const person = id === undefined ? undefined : accounts.find(id);
		if (!person) throw new Refusal('access.welcome-unknown');
		return person;
	};

	/** What the page of such a link shows. The link stays good: programs that look at mail open links too. */
	app.post('/api/welcome', { schema: { body: SignIn, response: { 200: Welcome } } }, async (request) => {
		tries.byAddress(request.ip);
		const person = welcomed(request.body.secret);
		const codeSecret = base32(randomBytes(codeSecretBytes));
		const address = otpauthAddress(person.id, codeSecret);
		return { person, secondStep, codeSecret, address, picture: pictureOf(address), demo };
	});

	app.post(
		'/api/welcome/password',
		{ schema: { body: ChoosePassword, response: { 200: SignedIn } } },
		async (request, reply) => {
			const { secret, password, authenticator } = request.body;
			tries.byAddress(request.ip);
			const { id, name } = welcomed(secret);
			const fault = passwordFault(password, { id, name });
			if (fault) throw new Refusal('access.password-weak', fault);
			if (!authenticator && secondStep === 'required') throw new Refusal('access.code-needed');
			const codeSecret = authenticator && fromBase32(authenticator.secret);
			const step = authenticator && codeSecret && stepOf(codeSecret, authenticator.code, now());
			if (authenticator && step === undefined) throw new Refusal('access.code-wrong');
			const hashed = await hashing.hash(password);
			if (access.useWelcome(secret, now()) !== id) throw new Refusal('access.welcome-unknown');
			const person = accounts.find(id);
			if (!person) throw new Refusal('access.welcome-unknown');
			accounts.setSecrets(id, { password: hashed, ...(codeSecret ? { codeSecret } : {}) });
			if (step !== undefined) accounts.takeStep(id, step);
			identity.remember(reply, person);
			request.log.info({ personId: id, withCode: codeSecret !== undefined }, 'a password was chosen');
			return { person, demo };
		},
	);
};

/** A QR code as the path of an SVG, a unit a module: nothing of it need be put into a page as markup. */
function pictureOf(text: string): Welcome['picture'] {
	const code = qrcode(0, 'M');
	code.addData(text);
	code.make();
	const modules = code.getModuleCount();
	let path = '';
	for (let row = 0; row < modules; row++)
		for (let column = 0; column < modules; column++) if (code.isDark(row, column)) path += `M${column} ${row}h1v1h-1z`;
	return { modules, path };
}
