import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { CannotStart } from '#server/cannot-start.ts';
import { type Policy, PolicyFile, policyOf, wrongWithPolicy } from '#server/policy/policy.ts';

/** Reads the policy file; throws with what is wrong and where. */
export function readPolicy(path: string): { policy: Policy; file: PolicyFile } {
	let content: unknown;
	try {
		content = JSON.parse(readFileSync(path, 'utf8'));
	} catch (error) {
		throw new CannotStart(`YCORD_POLICY: ${path} cannot be read as JSON: ${(error as Error).message}`);
	}
	if (!Value.Check(PolicyFile, content)) {
		const [first] = Value.Errors(PolicyFile, content);
		const isUnknown = first?.keyword === 'boolean' || first?.keyword === 'additionalProperties';
		const problem = isUnknown ? 'is no field of a policy' : (first?.message ?? 'is not a policy');
		throw new CannotStart(`YCORD_POLICY: ${path}: ${first?.instancePath || 'the file'} ${problem}`);
	}
	const wrong = wrongWithPolicy(content);
	if (wrong) throw new CannotStart(`YCORD_POLICY: ${path}: ${wrong}`);
	return { policy: policyOf(content), file: content };
}

/** Keeps each version that was ever in force, with when it first was: a call on record names the one it began with. */
export function keepPolicy(data: string, { policy, file }: { policy: Policy; file: PolicyFile }, nowMs: number): void {
	const folder = join(data, 'policies');
	const path = join(folder, `${policy.version}.json`);
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	if (existsSync(path)) return;
	const kept = { version: policy.version, firstInForce: new Date(nowMs).toISOString(), ...file };
	writeFileSync(path, `${JSON.stringify(kept, undefined, '\t')}\n`, { mode: 0o600 });
}
