#!lua
-- Puts a group of appends on record, in this order; an append is there whole or not at all. Redis runs a script alone,
-- and writes what it did into the append-only file as one piece.
--
-- KEYS: the journal's name, the journal, this writer's fence, then the list of each append's call.
-- ARGV: the journal's name as it was when opened, a position that was on record before, the number of the writer's
-- connection, whether this is sent again; then of each append: token, expected version, how many events, and of each
-- event what it is about and its body.
-- Gives back of each append: the position of its first event (0: there was none), -1 for a conflict, or what went wrong.

local name, journal, fence = KEYS[1], KEYS[2], KEYS[3]
local connection = tonumber(ARGV[3])

if redis.call('GET', name) ~= ARGV[1] then
	return redis.error_reply('JOURNALGONE another journal, or none, is now where this one was')
end
local last = redis.call('XLEN', journal)
if last < tonumber(ARGV[2]) then
	return redis.error_reply('JOURNALGONE the journal is shorter than it was')
end

-- What was sent over a connection that its writer has given up may arrive after it was sent again: it is too late then,
-- for the writer may have said already that it was refused.
if tonumber(redis.call('GET', fence) or 0) > connection then
	return redis.error_reply('JOURNALLATE this came over a connection that was given up')
end
if ARGV[4] == '1' then
	redis.call('SET', fence, connection, 'EX', 86400)
end

local function first_of(list, expected, token)
	local position = redis.call('LINDEX', list, expected)
	local entry = position and redis.call('XRANGE', journal, position, position)[1]
	return entry and entry[2][2] == token and tonumber(position)
end

-- The list first: unlike an entry of the journal, what was put on it can be taken off again.
local function put(list, expected, token, count, at)
	for event = 1, count do
		local pushed = redis.pcall('RPUSH', list, last + event)
		if type(pushed) == 'table' then
			if event > 1 then redis.call('RPOP', list, event - 1) end
			return pushed.err
		end
	end
	for event = 1, count do
		local about, body = ARGV[at + 2 * event - 2], ARGV[at + 2 * event - 1]
		local added = redis.pcall('XADD', journal, (last + event) .. '-0', 'token', token, 'about', about, 'body', body)
		if type(added) == 'table' then
			redis.call('RPOP', list, count)
			return added.err
		end
	end
	last = last + count
	return last - count + 1
end

local outcomes = {}
local at = 5
for index = 4, #KEYS do
	local list, token, expected, count = KEYS[index], ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
	local version = redis.pcall('LLEN', list)
	local outcome
	if type(version) == 'table' then
		outcome = version.err
	elseif version == expected then
		outcome = count == 0 and 0 or put(list, expected, token, count, at + 3)
	else
		outcome = count > 0 and version > expected and first_of(list, expected, token) or -1
	end
	outcomes[#outcomes + 1] = outcome
	at = at + 3 + 2 * count
end
return outcomes
