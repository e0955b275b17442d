import { describe, expect, test } from 'vitest';
import { redisAddress } from '#server/journal/redis-address.ts';

describe('where a Redis is reached', () => {
	test.each([
		['redis://localhost', { shown: 'localhost:6379', places: [{ host: 'localhost', port: 6379 }], tls: false, db: 0 }],
		['rediss://u:p%40ss@r.example.com:7000/3', { username: 'u', password: 'p@ss', tls: true, db: 3 }],
		['redis://[::1]:7000?db=2', { shown: '::1:7000', places: [{ host: '::1', port: 7000 }], db: 2 }],
		['unix:/run/redis.sock?db=4', { shown: '/run/redis.sock', places: [{ path: '/run/redis.sock' }], db: 4 }],
		['redis://:p@a:1,redis://b:2', { shown: 'a:1, b:2', cluster: true, password: 'p' }],
	])('%s', (url, address) => {
		expect(redisAddress(url)).toMatchObject(address);
	});

	test('a password is never in what is shown', () => {
		expect(redisAddress('redis://:hunter2@a:1,redis://:hunter2@b:2')?.shown).not.toContain('hunter2');
	});

	test.each([
		'',
		'localhost:6379',
		'http://localhost',
		'redis://',
		'redis://a/x',
		'redis://a?x=1',
		'unix:redis.sock',
		'unix:/a,unix:/b',
		'redis://a,rediss://b',
		'redis://a/1,redis://b/1',
		'redis://a,',
	])('%j is none', (url) => {
		expect(redisAddress(url)).toBeUndefined();
	});
});
