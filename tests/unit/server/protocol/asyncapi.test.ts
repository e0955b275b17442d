import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/schema';
import { expect, test } from 'vitest';
import { asyncApi, asyncApiText } from '#server/protocol/asyncapi.ts';
import { checkedBy, messages, type Saying, sayings } from '#server/protocol/messages.ts';

const root = new URL('../../../../', import.meta.url);
const document = JSON.parse(JSON.stringify(asyncApi()));

test('docs/asyncapi.json is what the schemas give; if not: npm run protocol', () => {
	expect(readFileSync(new URL('docs/asyncapi.json', root), 'utf8')).toBe(asyncApiText());
});

test('it is a valid AsyncAPI 3.0.0 document by the official schema, which finds a fault where there is one', () => {
	const official = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json');
	const schema = Compile(JSON.parse(readFileSync(official, 'utf8')));
	expect(schema.Check(document) ? [] : schema.Errors(document)[1]).toEqual([]);
	expect(schema.Check({ ...document, channels: { live: { adress: '/live' } } })).toBe(false);
});

test('every reference in it leads somewhere', () => {
	const found: string[] = [];
	const look = (one: unknown) => {
		if (typeof one !== 'object' || one === null) return;
		if ('$ref' in one) found.push(String(one.$ref));
		for (const inner of Object.values(one)) look(inner);
	};
	look(document);
	expect(found.length).toBeGreaterThan(50);
	for (const path of new Set(found)) {
		const steps = path.replace(/^#\//, '').split('/');
		const target = steps.reduce<unknown>((within, step) => (within as Record<string, unknown>)?.[step], document);
		expect(target, path).toBeTypeOf('object');
	}
});

test('no channel tells of a message the server does not take or say, and none is left out', () => {
	const flat = (schema: TSchema): unknown[] => {
		const options = (schema as { anyOf?: TSchema[] }).anyOf;
		return options ? options.flatMap(flat) : [JSON.stringify(schema)];
	};
	for (const channel of ['live', 'sound', 'line'] as const) {
		const all: Saying[] = Object.values(sayings[channel]);
		const by = (side: 'client' | 'server') =>
			all.flatMap((one) => [...(one.by === side ? one.says : []), ...(one.by === side ? [] : (one.answers ?? []))]);
		for (const side of ['client', 'server'] as const) {
			const told = new Set(
				by(side).flatMap((name) => ('schema' in messages[name] ? [JSON.stringify(messages[name].schema)] : [])),
			);
			expect([...told].sort(), `${channel}, ${side}`).toEqual(flat(checkedBy[channel][side]).sort());
		}
	}
});

test('each close code says whether to come back', () => {
	const codes: { code: number; comeBack: boolean }[] = document['x-close-codes'];
	expect(codes.length).toBeGreaterThan(10);
	for (const { code, comeBack } of codes) expect([code, comeBack]).toEqual([code, code >= 4500]);
});

test('nothing in it comes from the machine it was made on', () => {
	expect(asyncApiText()).not.toContain(fileURLToPath(root));
});
