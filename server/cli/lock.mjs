// Part of the bootstrap: plain JavaScript on node: modules alone.
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { step, stopIfAsked } from './step.mjs';

// The holder touches its lock this often, so that one whose process id has passed to a stranger is known for dead.
const touchMs = 2000;
const abandonedMs = 30_000;

/** Does the work while no other process of this machine does it: two starts at once must not install into each other. */
export async function alone(file, work) {
	if (!take(file)) await step('Waiting for another start of Ycord', '40 s', () => untilTaken(file));
	const touching = setInterval(() => utimesSync(file, new Date(), new Date()), touchMs);
	try {
		return await work();
	} finally {
		clearInterval(touching);
		rmSync(file, { force: true });
	}
}

async function untilTaken(file) {
	while (!take(file)) {
		stopIfAsked();
		await setTimeout(100);
	}
}

function take(file) {
	if (isAbandoned(file)) setAside(file);
	try {
		writeFileSync(file, String(process.pid), { flag: 'wx' });
		return true;
	} catch (error) {
		if (error.code === 'EEXIST') return false;
		throw error;
	}
}

function isAbandoned(file) {
	try {
		const untouchedMs = Date.now() - statSync(file).mtimeMs;
		const pid = Number(readFileSync(file, 'utf8'));
		return untouchedMs > abandonedMs || (pid > 0 && !isAlive(pid));
	} catch (error) {
		if (error.code === 'ENOENT') return false;
		throw error;
	}
}

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}

/** By renaming, for two that find the same dead lock must not both remove one: the second would remove the first's. */
function setAside(file) {
	const aside = `${file}.${process.pid}`;
	try {
		renameSync(file, aside);
		if (isAbandoned(aside)) rmSync(aside);
		else renameSync(aside, file);
	} catch (error) {
		if (error.code !== 'ENOENT') throw error;
	}
}
