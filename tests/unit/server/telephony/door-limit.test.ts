import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { doorLimit } from '#server/telephony/door-limit.ts';

const connection = () => new EventEmitter() as unknown as WebSocket;

test('so many wait and no more; who begins or goes makes room, once [B1] [B2]', () => {
	const door = doorLimit(2);
	const [one, other] = [connection(), connection()];
	const begun = door.waits(one);
	door.waits(other);
	expect(door.refusal()).toMatchObject({ code: 'call.too-many-waiting', detail: '2' });
	begun();
	expect(door.refusal()).toBeUndefined();
	door.waits(connection());
	expect(door.refusal()).toBeDefined();
	// Whoever has begun takes nobody else's place along.
	one.emit('close');
	begun();
	expect(door.refusal()).toBeDefined();
	other.emit('close');
	expect(door.refusal()).toBeUndefined();
});
