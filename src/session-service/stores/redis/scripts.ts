import { createHash } from 'node:crypto'

/** A Lua script, and the name by which Redis knows it once it has run. */
export interface Script {
  readonly source: string
  readonly sha: string
}

const script = (source: string): Script =>
  Object.freeze({ source, sha: createHash('sha1').update(source).digest('hex') })

/**
 * Redis runs a script as one step. A record begins with the three fields that scripts need, so that they need not read
 * JSON: Redis' own reader would round large numbers and refuse some texts.
 */
const READ = `
local function read(value)
  local ends, last, user = string.match(value, '^{"expires_at":(%d+),"ends_at":(%d+),"user":"([^"]*)"')
  return tonumber(ends), tonumber(last), user
end
`
/** A user's index lives as long as the session in it that lives longest. */
const KEEP = `
local function keep(index, ttl)
  if redis.call('EXPIRE', index, ttl, 'NX') == 0 then redis.call('EXPIRE', index, ttl, 'GT') end
end
`

/** KEYS: session, index, once? ARGV: record, ttl, end, now, handle, session prefix, once record, once ttl. */
export const CREATE: Script = script(`${KEEP}
if #KEYS == 3 then
  local seen = redis.call('GET', KEYS[3])
  if seen and tonumber(string.match(seen, '^%d+')) > tonumber(ARGV[4]) then
    return { seen, redis.call('GET', ARGV[6] .. string.match(seen, '%S+$')) }
  end
  redis.call('SET', KEYS[3], ARGV[7], 'EX', ARGV[8])
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[5])
keep(KEYS[2], ARGV[2])
return false`)

/** KEYS: session. ARGV: now, ttl, extendFrom, index prefix, handle, ending prefix. The present end, or nothing. */
export const EXTEND: Script = script(`${READ}${KEEP}
local value = redis.call('GET', KEYS[1])
if not value then return false end
local now, ttl = tonumber(ARGV[1]), tonumber(ARGV[2])
local ends, last, user = read(value)
if ends <= now or redis.call('ZSCORE', ARGV[6] .. user, ARGV[5]) then return false end
if ends - now > ttl - tonumber(ARGV[3]) then return ends end
local later = math.min(now + ttl, last)
if later <= ends then return ends end
local text = string.format('%d', later)
redis.call('SET', KEYS[1], (string.gsub(value, '%d+', text, 1)), 'EX', later - now)
redis.call('ZADD', ARGV[4] .. user, text, ARGV[5])
keep(ARGV[4] .. user, later - now)
return later`)

/** KEYS: session, next session. ARGV: now, index prefix, handle, next handle, ending prefix. The record, or nothing. */
export const ROTATE: Script = script(`${READ}
local value = redis.call('GET', KEYS[1])
if not value then return false end
local ends, _, user = read(value)
if ends <= tonumber(ARGV[1]) or redis.call('ZSCORE', ARGV[5] .. user, ARGV[3]) then return false end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('ZREM', ARGV[2] .. user, ARGV[3])
redis.call('ZADD', ARGV[2] .. user, ends, ARGV[4])
return value`)

/** KEYS: session. ARGV: now, index prefix, handle, ending prefix. 1 if it was live. */
export const END: Script = script(`${READ}
local value = redis.call('GET', KEYS[1])
if not value then return 0 end
local ends, _, user = read(value)
redis.call('DEL', KEYS[1])
redis.call('ZREM', ARGV[2] .. user, ARGV[3])
redis.call('ZREM', ARGV[4] .. user, ARGV[3])
return ends > tonumber(ARGV[1]) and 1 or 0`)

/**
 * Ends sessions of a user, a bounded number at a time. The index is moved aside first: from then on nothing extends or rotates what
 * stands in it (EXTEND and ROTATE look there), and what is created goes into a new index. Whoever ends the sessions of this user next
 * goes on where another left off.
 * KEYS: index, the index moved aside. ARGV: now, session prefix, how many at most, 1 if this call has moved the index. Answers how many were live, whether the
 * index was moved, and whether that is all.
 */
export const END_USER: Script = script(`
local now, left, moved, live = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4]), 0
while left > 0 do
  if redis.call('EXISTS', KEYS[2]) == 0 then
    if moved == 1 or redis.call('EXISTS', KEYS[1]) == 0 then return { live, moved, 1 } end
    redis.call('RENAME', KEYS[1], KEYS[2])
    moved = 1
  end
  local found = redis.call('ZPOPMIN', KEYS[2], left)
  local gone = {}
  for place = 1, #found, 2 do
    gone[#gone + 1] = ARGV[2] .. found[place]
    if tonumber(found[place + 1]) > now then live = live + 1 end
  end
  redis.call('UNLINK', unpack(gone))
  left = left - #gone
end
return { live, moved, 0 }`)

/** KEYS: index. ARGV: now, limit, session prefix. Handle, record, handle, record, … */
export const LIST: Script = script(`
local found = {}
for _, handle in ipairs(redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])) do
  local value = redis.call('GET', ARGV[3] .. handle)
  if value then
    found[#found + 1] = handle
    found[#found + 1] = value
  end
end
return found`)
