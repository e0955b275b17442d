import { createConnection, createServer, type Socket } from 'node:net';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** A wire to a server's unix socket that a test can stop and cut, each way by itself. */
export interface StubbornWire {
	readonly socket: string;
	/** What is asked from now on stays in the wire, also when the asker hangs up; gives back what lets it arrive. */
	holdAsked(): () => void;
	/** The next answer on any connection is lost, and that connection with it. */
	loseNextAnswer(): void;
	/** Settles when something that was asked is held. */
	readonly holds: Promise<void>;
	remove(): Promise<void>;
}

export async function stubbornWire(to: string): Promise<StubbornWire> {
	const { path, remove } = await temporaryFolder();
	const socket = `${path}/wire.sock`;
	const near = new Set<Socket>();
	const far = new Set<Socket>();
	let held: (() => void)[] | undefined;
	let losing = false;
	let holds = Promise.withResolvers<void>();
	const server = createServer((asker) => {
		const answerer = createConnection(to);
		near.add(asker);
		far.add(answerer);
		let holding: (() => void)[] | undefined;
		asker.on('data', (bytes) => {
			holding ??= held;
			if (!holding) return void answerer.write(bytes);
			holding.push(() => answerer.write(bytes));
			holds.resolve();
		});
		answerer.on('data', (bytes) => {
			if (losing) {
				losing = false;
				asker.destroy();
			} else if (!asker.destroyed) asker.write(bytes);
		});
		asker.on('close', () => {
			if (!holding) answerer.destroy();
		});
		answerer.on('close', () => asker.destroy());
		for (const one of [asker, answerer]) one.on('error', () => one.destroy());
	});
	await new Promise<void>((resolve) => server.listen(socket, resolve));
	return {
		socket,
		get holds() {
			return holds.promise;
		},
		holdAsked() {
			const mine: (() => void)[] = [];
			held = mine;
			holds = Promise.withResolvers();
			return () => {
				held = undefined;
				for (const pass of mine) pass();
			};
		},
		loseNextAnswer() {
			losing = true;
		},
		async remove() {
			for (const one of [...near, ...far]) one.destroy();
			await new Promise((resolve) => server.close(resolve));
			await remove();
		},
	};
}
