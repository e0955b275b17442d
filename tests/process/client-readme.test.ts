import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { openHouse } from '#tests/support/house.ts';
import { spawned } from '#tests/support/spawned.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { startCall } from '#tests/support/test-call.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(join(root, 'client/live/README.md'), 'utf8');
const folder = await temporaryFolder();
afterAll(() => folder.remove());

test('the program in the client’s README runs as it stands there, in a project beside this one', async () => {
	const [, program = ''] = /## In Node\n\n```ts\n(.*?)```/s.exec(readme) ?? [];
	mkdirSync(join(folder.path, 'node_modules'));
	symlinkSync(root, join(folder.path, 'node_modules/ycord'));
	writeFileSync(join(folder.path, 'package.json'), '{"type":"module"}');
	writeFileSync(join(folder.path, 'program.ts'), program);

	const app = await openHouse();
	const { callId } = await startCall(app);
	const agent = await app.live('ann');
	const told = await agent.ask(callId, { type: 'invite', listeningId: uuidV7(), executiveId: 'eve' });
	const path = told.type === 'done' ? told.result?.invitationPath : undefined;
	await agent.watch({ watch: 's', view: 'session', callId });
	const running = spawned([join(folder.path, 'program.ts'), `${app.address()}${path}`], {});
	onTestFinished(() => void running.process.kill('SIGKILL'));
	expect(await agent.note(() => true)).toMatchObject({ authorId: 'eve', text: 'Hello from a program' });
	await running.says('Hello from a program');
});

test('the README names every file of the client, and no other', () => {
	const named = [...readme.slice(readme.indexOf('## The files')).matchAll(/`([\w.-]+\.ts)`/g)].map(([, file]) => file);
	const files = readdirSync(join(root, 'client/live')).filter((file) => file.endsWith('.ts'));
	expect(named.toSorted()).toEqual(files.toSorted());
});
