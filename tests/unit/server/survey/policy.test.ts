import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CannotStart } from '#server/cannot-start.ts';
import { askedOf } from '#server/survey/asked.ts';
import { readSurveyPolicy, surveyPolicy, wrongWith } from '#server/survey/policy.ts';
import { shippedScripts } from '#server/survey/shipped-scripts.ts';
import type { Question, Script } from '#shared/survey.ts';
import { codeOf, sessionAfter } from '#tests/support/given.ts';
import { ann, callBegan, ed, eve, hears, offered, script } from '#tests/support/segment-story.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const file = { company: 'Alpine Outfitters', role: 'one of our directors', rule: {} };
const agent = { ...ann, role: 'agent' as const, team: 'Orders' };

describe('the policy of a queue', () => {
	test('is the usual one, with what the file says for all, with what it says for the queue', () => {
		const policy = surveyPolicy({
			...file,
			rule: { identity: 'company', quotaPercent: 5 },
			queues: { Orders: { quotaPercent: 20, agent: 'open' } },
		});
		expect(policy.rule('Orders')).toEqual({
			identity: 'company',
			quotaPercent: 20,
			limitSeconds: 300,
			agent: 'open',
			fallback: 'announcement',
		});
		expect(policy.rule('Returns')).toMatchObject({ quotaPercent: 5, agent: 'muted' });
	});
	test('without a file draws nobody, tells the role, and has the shipped scripts', () => {
		expect(surveyPolicy().rule('Orders')).toMatchObject({ quotaPercent: 0, identity: 'role' });
		expect(surveyPolicy().scripts).toBe(shippedScripts);
	});
});

describe('[C3] what the customer is told', () => {
	const asked = (identity: 'named' | 'role' | 'company', executive = eve as typeof eve | undefined) =>
		surveyPolicy({ ...file, rule: { identity } }).asked('Orders', 'service', 'en', ann, executive);
	test('with the name: that of the executive who comes, and only they may', () => {
		const { wording, who, executive, shownAs } = asked('named');
		expect(wording).toContain('Eve Executive of Alpine Outfitters');
		expect(who).toContain('Eve Executive of Alpine Outfitters');
		expect([executive, shownAs]).toEqual([eve, 'Eve Executive']);
	});
	test('with the role or the company: less, and no name anywhere', () => {
		for (const identity of ['role', 'company'] as const) {
			const told = asked(identity);
			expect(told.wording + told.who + told.shownAs).not.toContain('Eve');
			expect(told.executive).toBeUndefined();
		}
		expect(asked('role').wording).toContain('one of our directors');
		expect(asked('company').shownAs).toBe('Alpine Outfitters');
	});
	test('is refused with a name where there is nobody to name', () =>
		expect(
			codeOf(() =>
				surveyPolicy({ ...file, rule: { identity: 'named' } }).asked('Orders', 'service', 'en', ann, undefined),
			),
		).toBe('survey.nobody'));
	test('is no script that is not there, in that language', () => {
		for (const [id, language] of [
			['service', 'xx'],
			['nothing', 'en'],
		] as const)
			expect(codeOf(() => surveyPolicy().asked('Orders', id, language, ann, eve))).toBe('survey.script-unknown');
	});
	test('is read out as it stands: a company’s name is no pattern and is not filled again', () => {
		const odd = surveyPolicy({ company: 'Ca$$h & {role} $& Co', role: 'a director', rule: { identity: 'company' } });
		expect(odd.asked('Orders', 'service', 'en', ann, undefined).wording).toContain('Ca$$h & {role} $& Co');
	});
	test('is the newest version; what it was is on record whole', () => {
		const scripts = [script, { ...script, version: 3, title: 'newest' }, { ...script, version: 2 }];
		const told = surveyPolicy({ ...file, scripts }).asked('Orders', 'service', 'en', ann, eve);
		expect(told.script).toMatchObject({ version: 3, title: 'newest' });
	});
});

describe('[C3] whose name is told', () => {
	const named = surveyPolicy({ ...file, rule: { identity: 'named' } });
	const nameOf = (...past: Parameters<typeof sessionAfter>) =>
		askedOf(named, sessionAfter(callBegan, ...past), agent, 'service', 'en').executive;
	test('is that of whoever offered', () => expect(nameOf(...hears(ed), ...hears(eve), offered())).toEqual(eve));
	test('else that of who listens', () => {
		const draw = { type: 'survey-offered', segmentId: 'drawn', offer: { how: 'quota' } } as const;
		expect(nameOf(...hears(ed), draw)).toEqual(ed);
	});
	test('is not that of somebody who was removed since they offered', () => {
		const removed = { type: 'listener-removed', listeningId: `seat of ${eve.id}` } as const;
		expect(nameOf(...hears(ed), ...hears(eve), offered(), removed)).toEqual(ed);
		expect(codeOf(() => nameOf(...hears(eve), offered(), removed))).toBe('survey.nobody');
	});
});

describe('the policy file', () => {
	async function read(content: unknown) {
		const { path, remove } = await temporaryFolder();
		onTestFinished(remove);
		const name = join(path, 'survey.json');
		writeFileSync(name, typeof content === 'string' ? content : JSON.stringify(content));
		return readSurveyPolicy(name);
	}
	test('with everything in it is read', async () => {
		const policy = await read({
			...file,
			rule: { identity: 'named', quotaPercent: 2.5, limitSeconds: 120, agent: 'open', fallback: 'queue' },
			queues: { Orders: { fallback: 'hang-up' } },
			scripts: [script, { ...script, version: 2 }],
		});
		expect(policy.rule('Orders')).toMatchObject({ identity: 'named', quotaPercent: 2.5, fallback: 'hang-up' });
		expect(policy.scripts).toHaveLength(2);
	});
	test.each([
		['is no JSON', '{', 'cannot be read as JSON'],
		['has a field that is not known', { ...file, quota: 5 }, '/quota is no field'],
		['has a rule with a field that is not known', { ...file, rule: { quotas: 5 } }, '/rule/quotas is no field'],
		[
			'has a queue with a wrong value',
			{ ...file, queues: { Orders: { limitSeconds: 10 } } },
			'/queues/Orders/limitSeconds',
		],
		[
			'has a queue with a field that is not known',
			{ ...file, queues: { Orders: { idenity: 'named' } } },
			'/queues/Orders/idenity',
		],
		['draws more than all', { ...file, rule: { quotaPercent: 101 } }, '/rule/quotaPercent'],
		['has no company', { role: 'a director', rule: {} }, 'company'],
		['has one script twice', { ...file, scripts: [script, script] }, 'script “service” 1 (en): is there twice'],
		['has a script that cannot be', { ...file, scripts: [{ ...script, questions: [] }] }, '/scripts/0/questions'],
	])('that %s keeps the server from starting, with what and where', async (_, content, problem) => {
		await expect(read(content)).rejects.toThrow(CannotStart);
		await expect(read(content)).rejects.toThrow(problem);
	});
});

describe('[W13] a script', () => {
	const yes: Question = { id: 'yes', kind: 'yes-no', text: 'Yes?' };
	const later: Question = { id: 'later', kind: 'open', text: 'What?' };
	const having = (...questions: Question[]): Script => ({ ...script, questions });
	test.each<[string, Script, string]>([
		['two questions of one name', having(yes, yes), 'twice'],
		['a question called “end”', having({ ...yes, id: 'end' }), 'the end of the survey'],
		['a choice without choices', having({ ...yes, kind: 'choice' }), 'needs choices'],
		['choices where there is none', having({ ...yes, choices: [{ id: 'a', text: 'a' }] }), 'needs choices'],
		[
			'two choices of one name',
			having({
				...yes,
				kind: 'choice',
				choices: [
					{ id: 'a', text: 'a' },
					{ id: 'a', text: 'b' },
				],
			}),
			'one id',
		],
		['an NPS that is not 0–10', having({ ...yes, metric: 'nps' }), 'NPS'],
		['a CSAT that is not 1–5', having({ ...yes, metric: 'csat' }), 'CSAT'],
		['a rule that leads back', having(yes, { ...yes, id: 'no', skips: [{ when: ['no'], to: 'yes' }] }), 'come later'],
		['a rule that leads to itself', having({ ...yes, skips: [{ when: ['no'], to: 'yes' }] }, later), 'come later'],
		['a rule that leads nowhere', having({ ...yes, skips: [{ when: ['no'], to: 'nowhere' }] }, later), 'come later'],
		[
			'a rule for what nobody can answer',
			having({ ...yes, skips: [{ when: ['maybe'], to: 'later' }] }, later),
			'maybe',
		],
		['a rule for what is typed', having({ ...later, skips: [{ when: ['no'], to: 'end' }] }), 'nobody can answer'],
		['braces in a question', having({ ...yes, text: 'Is {company} good?' }), 'braces'],
		['a slip of the pen in the wording', { ...script, ask: { ...script.ask, role: 'Hello {roll}' } }, 'braces'],
		['a name where none is told', { ...script, who: { ...script.who, role: 'I am {name}' } }, 'name is told only'],
	])('with %s is refused by what is wrong', (_, wrong, problem) => expect(wrongWith(wrong)).toContain(problem));
	test('that ends early, or skips, is fine', () => {
		const skips = [
			{ when: ['yes'], to: 'later' },
			{ when: ['no'], to: 'end' },
		];
		expect(wrongWith(having({ ...yes, skips }, { ...yes, id: 'no' }, later))).toBeUndefined();
	});
});

describe('the shipped scripts', () => {
	test.each(shippedScripts)('$id $version in $language: nothing is wrong with it', (one) =>
		expect(wrongWith(one)).toBeUndefined(),
	);
	test('are there in English, German, French and Spanish', () =>
		expect(shippedScripts.map(({ language }) => language)).toEqual(['en', 'de', 'fr', 'es']));
	test('have the same questions in every language, with the same answers and ways', () => {
		const shape = ({ questions }: Script) =>
			questions.map(({ text: _, low, high, choices, ...same }) => ({
				...same,
				ends: [low, high].map((one) => one !== undefined),
				choices: choices?.map(({ id }) => id),
			}));
		for (const one of shippedScripts) expect(shape(one)).toEqual(shape(script));
	});
	test('[C2] tell the customer in every wording that they can stop', () => {
		const words: Record<string, string> = { en: 'stop', de: 'aufhören', fr: 'arrêter', es: 'parar' };
		for (const { ask, language } of shippedScripts)
			for (const text of Object.values(ask)) expect(text).toContain(words[language]);
	});
});
