import { v7 as uuidV7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { closeCodes } from '#shared/close-codes.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { startCall } from '#tests/support/test-call.ts';

/** What a program gets that asks as the signed-in administrator. */
async function asked(app: TestHouse, path: string, body?: object) {
	const { cookie } = app.seat('adam');
	const headers = { cookie, ...(body ? { 'content-type': 'application/json' } : {}) };
	const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers };
	const answer = await fetch(`${app.address()}${path}`, init);
	return { status: answer.status, code: (await answer.json()).code };
}

describe('an administrator takes no part in calls by that role [G6]', () => {
	test.each([
		['/api/notes?q=word&as=administrator'],
		['/api/calls/CALL/record?as=administrator'],
		['/api/calls/CALL/record.md?as=administrator'],
		['/api/calls/CALL/record.csv?as=administrator'],
		['/api/calls/CALL/record.jsonl?as=administrator'],
		['/api/calls/CALL/survey?as=administrator'],
		[`/api/calls/CALL/notes/${uuidV7()}/history?as=administrator`],
		['/api/survey/results?as=administrator'],
		['/api/survey/results.csv?as=administrator'],
		['/api/people?role=executive&as=administrator'],
		['/api/lines?as=administrator', { label: 'Mine' }],
	])('%s is refused by name', async (path, body?: object) => {
		const app = await openHouse();
		const { callId } = await startCall(app);
		const found = await asked(app, path.replace('CALL', callId), body);
		expect(found).toEqual({ status: 403, code: 'access.denied' });
	});

	test.each(['/live', `/sound/${uuidV7()}`, `/survey/sound/${'A'.repeat(43)}`])(
		'%s hangs up: no view, no sound, no word [C0]',
		async (path) => {
			const app = await openHouse();
			const address = `${app.address().replace('http', 'ws')}${path}?as=administrator`;
			const socket = new WebSocket(address, { headers: { cookie: app.seat('adam').cookie } });
			const code = await new Promise((resolve) => socket.on('close', resolve));
			expect(code).toBe(closeCodes.signInNeeded.code);
		},
	);
});
