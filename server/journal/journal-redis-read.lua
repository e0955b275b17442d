#!lua flags=no-writes
-- The next events of one call, with all that was put on record before.
--
-- KEYS: the journal's name, the journal, the list of the call's positions.
-- ARGV: the journal's name as it was when opened, and which events: the first and the last, counted from 0.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
	return redis.error_reply('JOURNALGONE another journal, or none, is now where this one was')
end
local entries = {}
for index, position in ipairs(redis.call('LRANGE', KEYS[3], ARGV[2], ARGV[3])) do
	entries[index] = redis.call('XRANGE', KEYS[2], position, position)[1] or {}
end
return entries
