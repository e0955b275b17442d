import { describe, expect, test } from 'vitest';
import { type Fetch, rest } from '#client/rest/rest.ts';

/** Answers every question with `response`, and keeps what was asked. */
function answering(response: () => Response | Promise<Response>) {
	const asked: { path: string; init: RequestInit }[] = [];
	const fetch: Fetch = async (path, init) => {
		asked.push({ path, init });
		return response();
	};
	return { asked, ...rest(fetch) };
}
const json =
	(answer: unknown, status = 200) =>
	() =>
		new Response(JSON.stringify(answer), { status });

describe('the client over HTTP', () => {
	test('sends secrets in the body, as JSON, never in the address', async () => {
		const one = answering(json({ demo: true }));
		expect(await one.signIn('s'.repeat(43))).toEqual({ demo: true });
		await one.openInvitation('i'.repeat(43));
		for (const { path, init } of one.asked) {
			expect(path).toMatch(/^\/api\/[a-z/-]+$/);
			expect(init).toMatchObject({
				method: 'POST',
				credentials: 'same-origin',
				headers: { 'content-type': 'application/json' },
			});
		}
		expect(one.asked.map(({ init }) => init.body)).toEqual([
			JSON.stringify({ secret: 's'.repeat(43) }),
			JSON.stringify({ secret: 'i'.repeat(43) }),
		]);
	});

	test('says in which role it asks', async () => {
		const one = answering(json({}));
		await one.people('executive');
		await one.people('supervisor', 'supervisor');
		await one.openLine('Desk 3');
		await one.lineEnd('l'.repeat(43));
		await one.findNotes({ as: 'agent', q: 'flat & 12', before: '7' });
		await one.sessionRecord('line-1', 'supervisor');
		expect(one.asked.map(({ path, init }) => `${init.method} ${path}`)).toEqual([
			'GET /api/people?role=executive&as=agent',
			'GET /api/people?role=supervisor&as=supervisor',
			'POST /api/lines?as=agent',
			`GET /api/lines/${'l'.repeat(43)}`,
			'GET /api/notes?as=agent&q=flat+%26+12&before=7',
			'GET /api/calls/line-1/record?as=supervisor',
		]);
	});

	test('rejects with the server’s refusal', async () => {
		const refusal = { code: 'invitation.used', message: 'Already opened.', retry: false };
		await expect(answering(json(refusal, 409)).openInvitation('x')).rejects.toMatchObject({
			name: 'RestRefused',
			...refusal,
			status: 409,
		});
	});

	test.each([
		['another’s error page', () => new Response('<h1>Bad gateway</h1>', { status: 502 }), 502],
		['an answer that is cut off', () => new Response('{"person":', { status: 200 }), 200],
	])('says that something went wrong on %s', async (_, response, status) => {
		await expect(answering(response).signIn('x')).rejects.toMatchObject({
			code: 'request.failed',
			retry: true,
			status,
		});
	});

	test('says that there is no connection when there is none', async () => {
		const one = answering(() => Promise.reject(new TypeError('fetch failed')));
		await expect(one.people('executive')).rejects.toMatchObject({ code: 'connection.lost', retry: true, status: 0 });
	});
});
