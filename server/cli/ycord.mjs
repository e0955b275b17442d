#!/usr/bin/env node
// Plain JavaScript, so that an older Node can still say what is wrong: it would stop at the first type in a .ts file.
import { setEnvironmentData } from 'node:worker_threads';

if (Number.parseInt(process.versions.node, 10) < 24) {
	console.error(
		`Ycord needs Node 24 or newer; this is ${process.version} (${process.execPath}). In a clone, \`npm start\` brings its own.`,
	);
	process.exit(1);
}

if (import.meta.url.includes('/node_modules/')) {
	const strip = new URL('./strip-own-types.mjs', import.meta.url).href;
	await import(strip);
	// Worker threads do not inherit module hooks: the journal's is told to load them too.
	setEnvironmentData('ycord:worker-exec-argv', ['--import', strip]);
}

const { ycord } = await import('./ycord.ts');
await ycord(process.argv.slice(2));
