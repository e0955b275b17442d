import { describe, expect, test } from 'vitest';
import { fingerprintOf, masterKey } from '#server/keys/master-key.ts';

const [one, two, three] = [1, 2, 3].map((fill) => Buffer.alloc(32, fill).toString('base64')) as [
	string,
	string,
	string,
];
const callKey = Buffer.alloc(32, 9);

describe('a master key', () => {
	test('opens what it has wrapped, for the same call', () => {
		const master = masterKey(one);
		const wrapped = master.wrap('twilio-1', callKey);
		expect(master.unwrap('twilio-1', wrapped)).toEqual(callKey);
		expect(master.isOurs(wrapped)).toBe(true);
		expect(wrapped).not.toContain(callKey.toString('base64'));
	});

	test('wraps the same key differently each time, at one length', () => {
		const master = masterKey(one);
		const all = Array.from({ length: 20 }, (_, n) => master.wrap(`twilio-${n}`, callKey));
		expect(new Set(all).size).toBe(20);
		expect(new Set(all.map((text) => text.length)).size).toBe(1);
	});

	test('opens no other call’s key, and none that was changed, and says so', () => {
		const master = masterKey(one);
		const wrapped = master.wrap('twilio-1', callKey);
		expect(() => master.unwrap('twilio-2', wrapped)).toThrow('was changed, or is another call’s');
		const changed = wrapped.slice(0, -8) + (wrapped.at(-8) === 'A' ? 'B' : 'A') + wrapped.slice(-7);
		expect(() => master.unwrap('twilio-1', changed)).toThrow('was changed, or is another call’s');
		expect(() => master.unwrap('twilio-1', `2${wrapped.slice(1)}`)).toThrow('does not know');
	});

	test('[X3] while it is changed the old one still opens, and only the new one wraps', () => {
		const before = masterKey(one).wrap('twilio-1', callKey);
		const master = masterKey(two, one);
		expect(master.unwrap('twilio-1', before)).toEqual(callKey);
		expect(master.isOurs(before)).toBe(false);
		expect(masterKey(two).unwrap('twilio-1', master.wrap('twilio-1', callKey))).toEqual(callKey);
		expect(() => masterKey(three, two).unwrap('twilio-1', before)).toThrow(
			`is wrapped with the master key ${fingerprintOf(one)}`,
		);
	});

	test('is named by a fingerprint that tells nothing of it; what is no key is refused', () => {
		expect(fingerprintOf(one)).toMatch(/^[0-9a-f]{8}$/);
		expect(fingerprintOf(one)).not.toBe(fingerprintOf(two));
		expect(() => masterKey('c2hvcnQ=')).toThrow('32 bytes in base64');
	});
});
