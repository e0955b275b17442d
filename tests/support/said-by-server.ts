import type { TSchema } from 'typebox';
import { Compile } from 'typebox/schema';
import { refusals } from '#shared/refusals.ts';

type Json = Record<string, unknown>;

/** The schema without room for fields it does not name: clients overlook those, so nobody else would see what leaks. */
function strict(schema: unknown): unknown {
	if (typeof schema !== 'object' || schema === null) return schema;
	if (Array.isArray(schema)) return schema.map(strict);
	const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
	return 'properties' in schema ? { ...inner, additionalProperties: false } : inner;
}

/**
 * Checks what a server really said against the schemas of its messages, one for each `type`. Throws an error that names
 * the place, such as `view/notes/0/text`, for what does not fit and for fields that no schema names.
 */
export function saidByServer(messages: readonly TSchema[]): (message: unknown) => void {
	const byType = new Map(
		messages.map((schema) => {
			const { type } = (schema as unknown as { properties: { type: { const: string } } }).properties;
			return [type.const, Compile(strict(JSON.parse(JSON.stringify(schema))) as Json)];
		}),
	);
	return (message) => {
		const { type, refusal } = (message ?? {}) as { type?: string; refusal?: { code: string } };
		const schema = byType.get(type ?? '');
		if (!schema) throw new Error(`the server said what is not in the protocol: ${type}`);
		if (!schema.Check(message)) {
			const [, [problem]] = schema.Errors(message);
			throw new Error(
				`the server said what does not fit: ${type}${problem?.instancePath} ${problem?.message} ${JSON.stringify(problem?.params)}`,
			);
		}
		if (refusal && !(refusal.code in refusals)) throw new Error(`the server refused by no known code: ${refusal.code}`);
	};
}
