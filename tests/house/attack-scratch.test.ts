import { connect } from 'node:net';
import { v7 as uuidV7 } from 'uuid';
import { WebSocket } from 'ws';
import { expect, test } from 'vitest';
import { openHouse } from '#tests/support/house.ts';
import { livePeer, listenPeer } from '#tests/support/live-peer.ts';
import { admit, play, startCall } from '#tests/support/test-call.ts';

const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
function raw(address: string, path: string, headers = '') {
	const { port } = new URL(address);
	const socket = connect(Number(port), '127.0.0.1');
	let text = '';
	let ended = false;
	socket.on('data', (d) => (text += d));
	socket.on('close', () => (ended = true));
	socket.on('error', () => {});
	socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`);
	return { socket, text: () => text, ended: () => ended };
}
test('raw upgrades', async () => {
	const app = await openHouse({ YCORD_LOG_LEVEL: 'trace' });
	const secret = 'S'.repeat(43);
	for (const path of ['/sound/%', `/enter/${secret}`, `/listen/${secret}`, `/api/lines/${secret}`, '/nothing', '/sound/' + 'a'.repeat(200), '/healthz', '/live', '/live?as=agent&as=executive', '/%00', '//', '*', '/telephony/twilio']) {
		const r = raw(app.address(), path);
		await sleep(150);
		console.log(path.slice(0, 30), JSON.stringify(r.text().slice(0, 160)), JSON.stringify(r.text().split('\r\n\r\n')[1]?.slice(0,200)), 'ended', r.ended());
		r.socket.destroy();
	}
	console.log(app.log());
});
test('plain http oddities', async () => {
	const app = await openHouse({ YCORD_LOG_LEVEL: 'trace' });
	for (const [method, path, headers, body] of [
		['GET', '/live', {}], ['HEAD', '/live', {}], ['GET', '/sound/%', {}], ['GET', '/api/people?as=agent&as=executive&role=executive', {}],
		['POST', '/api/sign-in', {'content-type': 'text/plain'}, 'x'], ['POST', '/api/sign-in', {'content-type': 'application/json'}, '{"__proto__":{"a":1},"secret":"x"}'],
		['POST', '/api/sign-in', {'content-type': 'application/json'}, ''], ['PUT','/api/sign-in',{'content-type':'x/y'},'x'], ['OPTIONS','/api/sign-in',{}],
		['POST', '/api/sign-out?as=constructor', {}], ['POST','/api/sign-out?as=agent',{}], ['GET','/assets/..%2f..%2fpackage.json',{}], ['GET','/enter/'+'x'.repeat(5000),{}],
	] as [string, string, Record<string,string>, string?][]) {
		const a = await fetch(app.address() + path, { method, headers, ...(body === undefined ? {} : { body }) });
		console.log(method, path.slice(0, 60), a.status, (await a.text()).slice(0, 150));
	}
	console.log(app.log());
});
