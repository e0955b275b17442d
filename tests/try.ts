import { machineClock } from '#server/clock.ts';
import { redisJournal } from '#server/journal/journal-redis.ts';
import { testRedis } from '#tests/support/redis.ts';
console.log('a');
const redis = await testRedis();
console.log('b', redis.url);
try {
const { engine, warnings } = await redisJournal(redis.url, { site: 'x', clock: machineClock() });
console.log(warnings, engine.id);
console.log(await engine.append('s', 0, [{ type: 'a', typeVersion: 1, body: '{}' }], 'eva', 1));
console.log(await engine.read('s'), await engine.last());
for await (const one of engine.follow(0, AbortSignal.timeout(300))) console.log(one);
await engine.close();
console.log('closed');
} finally {
await redis.remove(); }
