// Time per call, and room per session, from 1,000 to 1,000,000 sessions in each store:
//   node bench/sessions/scale.mjs [memory|redis|postgres …]      (after npm run build)
import { memoryStore, postgresStore, redisStore } from '../../dist/session-service.js'
import { startPostgres, startRedis } from '../../scripts/databases.mjs'

const SIZES = [1_000, 10_000, 100_000, 1_000_000]
const CALLS = 2_000
const AT_ONCE = 32
const NOW = Math.floor(Date.now() / 1000)
const lifetimes = { ttl: 86_400, maxLifetime: 2_592_000, extendFrom: 0 }

const session = (handle, user) => ({
  handle,
  userId: user,
  createdAt: NOW,
  expiresAt: NOW + 80_000,
  endsAt: NOW + 2_592_000,
  metadata: null,
})
const handleOf = (number) => `h${String(number).padStart(23, '0')}`

/** Microseconds per call. */
async function time(call) {
  const start = performance.now()
  let next = 0
  const lane = async () => {
    while (next < CALLS) await call(next++)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return Math.round(((performance.now() - start) / CALLS) * 1000)
}

const stores = {
  async memory() {
    const store = memoryStore()
    return {
      store,
      async fill(from, to) {
        for (let number = from; number < to; number++)
          await store.create(session(handleOf(number), number % 300_000), NOW, null)
      },
      bytes: async () => {
        globalThis.gc?.()
        return process.memoryUsage().heapUsed
      },
      stop: async () => {},
    }
  },
  async redis() {
    const server = await startRedis()
    const store = redisStore({ url: server.url, timeout: 60_000 })
    const { createClient } = await import('redis')
    const client = await createClient({ url: server.url }).connect()
    // The same keys as the store writes, thousands at a time.
    const FILL = `for number = ARGV[1], ARGV[2] do
      local handle = string.format('h%023d', number)
      local user = string.format('%d', number % 300000)
      redis.call('SET', 'keyturn:s:' .. handle, '{"expires_at":' .. ARGV[3] .. ',"ends_at":' .. ARGV[4] .. ',"user":"' .. user .. '","created_at":' .. ARGV[5] .. ',"user_id":' .. user .. '}', 'EX', 80000)
      redis.call('ZADD', 'keyturn:u:' .. user, ARGV[3], handle)
      redis.call('EXPIRE', 'keyturn:u:' .. user, 80000)
    end`
    return {
      store,
      async fill(from, to) {
        for (let at = from; at < to; at += 5_000)
          await client.eval(FILL, {
            keys: [],
            arguments: [at, Math.min(at + 5_000, to) - 1, NOW + 80_000, NOW + 2_592_000, NOW].map(String),
          })
      },
      bytes: async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))[1]),
      async stop() {
        await client.close()
        await store.close()
        await server.stop()
      },
    }
  },
  async postgres() {
    const server = await startPostgres({})
    const store = postgresStore({ url: server.url, timeout: 60_000 })
    await store.open()
    const { default: pg } = await import('pg')
    const client = new pg.Client(server.url)
    await client.connect()
    return {
      store,
      async fill(from, to) {
        await client.query(
          `INSERT INTO keyturn_sessions SELECT 'h' || lpad(n::text, 23, '0'), (n % 300000)::text, true, $3, $4, $5, NULL FROM generate_series($1::int, $2::int - 1) n`,
          [from, to, NOW, NOW + 80_000, NOW + 2_592_000],
        )
        await client.query('VACUUM ANALYZE keyturn_sessions')
      },
      bytes: async () =>
        Number((await client.query("SELECT pg_total_relation_size('keyturn_sessions') AS size")).rows[0].size),
      async stop() {
        await client.end()
        await store.close()
        await server.stop()
      },
    }
  },
}

const names = process.argv.slice(2).length ? process.argv.slice(2) : Object.keys(stores)
console.log(
  '| store | sessions | find µs | extend µs | create µs | end µs | count of a user µs | bytes per session |\n|---|---|---|---|---|---|---|---|',
)
for (const name of names) {
  const { store, fill, bytes, stop } = await stores[name]()
  try {
    await time(async () => store.find('nobody', NOW))
    const empty = await bytes()
    let filled = 0
    for (const size of SIZES) {
      await fill(filled, size)
      filled = size
      const room = Math.round(((await bytes()) - empty) / size)
      const any = () => Math.floor(Math.random() * size)
      const found = await time(async () => {
        if (!(await store.find(handleOf(any()), NOW))) throw new Error('A session is missing.')
      })
      const extended = await time(() =>
        store.extend(handleOf(any()), NOW + 10 + Math.floor(Math.random() * 1000), lifetimes),
      )
      const created = await time((n) =>
        store.create(session(`x${size}n${String(n).padStart(14, '0')}`, any()), NOW, null),
      )
      const ended = await time((n) => store.end(`x${size}n${String(n).padStart(14, '0')}`, NOW))
      const counted = await time(() => store.count(any(), NOW))
      console.log(`| ${name} | ${size} | ${found} | ${extended} | ${created} | ${ended} | ${counted} | ${room} |`)
    }
  } finally {
    await stop()
  }
}
