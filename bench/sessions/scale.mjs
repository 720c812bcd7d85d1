// Time per call, and room per session, from 1,000 to 1,000,000 sessions in each store:
//   node --expose-gc bench/sessions/scale.mjs [memory|redis|postgres …]      (after npm run build)
// The stores of all sizes stand side by side, and calls go to them in turn: so a busy moment of the machine hits all sizes alike.
import { memoryStore, postgresStore, redisStore } from '../../dist/session-service.js'
import { startPostgres, startRedis } from '../../scripts/databases.mjs'

const SIZES = [1_000, 10_000, 100_000, 1_000_000]
/** Calls of each kind to each size. */
const CALLS = 4_000
/** Calls to one size before it is the next one's turn. */
const TURN = 100
const AT_ONCE = 20
/** Sessions of one user that are ended at once. */
const CROWD = 100_000
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
/** Three sessions and a bit for each user, at every size. */
const usersOf = (size) => Math.ceil(size * 0.3)

/** For each kind of store: one of each size, filled, with the bytes that a session takes. `stop` ends what was started. */
const kinds = {
  async memory() {
    const stores = []
    for (const size of SIZES) {
      globalThis.gc?.()
      const before = process.memoryUsage().heapUsed
      const store = memoryStore()
      for (let number = 0; number < size; number++)
        await store.create(session(handleOf(number), number % usersOf(size)), NOW, null)
      globalThis.gc?.()
      stores.push({ size, store, bytes: (process.memoryUsage().heapUsed - before) / size })
    }
    return { stores, stop: async () => {} }
  },
  async redis() {
    const server = await startRedis()
    const { createClient } = await import('redis')
    const client = await createClient({ url: server.url }).connect()
    const memory = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))[1])
    // The same keys as the store writes, thousands at a time.
    const FILL = `for number = ARGV[1], ARGV[2] do
      local handle = string.format('h%023d', number)
      local user = string.format('%d', number % tonumber(ARGV[6]))
      redis.call('SET', ARGV[7] .. 's:' .. handle, '{"expires_at":' .. ARGV[3] .. ',"ends_at":' .. ARGV[4] .. ',"user":"' .. user .. '","created_at":' .. ARGV[5] .. ',"user_id":' .. user .. '}', 'EX', 80000)
      redis.call('ZADD', ARGV[7] .. 'u:' .. user, ARGV[3], handle)
      redis.call('EXPIRE', ARGV[7] .. 'u:' .. user, 80000)
    end`
    const stores = []
    for (const size of SIZES) {
      const prefix = `size${size}:`
      const before = await memory()
      for (let at = 0; at < size; at += 5_000) {
        const rest = [NOW + 80_000, NOW + 2_592_000, NOW, usersOf(size), prefix]
        await client.eval(FILL, { keys: [], arguments: [at, Math.min(at + 5_000, size) - 1, ...rest].map(String) })
      }
      const bytes = ((await memory()) - before) / size
      stores.push({ size, store: redisStore({ url: server.url, prefix, timeout: 60_000 }), bytes })
    }
    return {
      stores,
      other: redisStore({ url: server.url, prefix: `size${SIZES[0]}:` }),
      async crowd() {
        const rest = [NOW + 80_000, NOW + 2_592_000, NOW, 1, 'crowd:']
        for (let at = 0; at < CROWD; at += 5_000)
          await client.eval(FILL, { keys: [], arguments: [at, at + 4_999, ...rest].map(String) })
        return { store: redisStore({ url: server.url, prefix: 'crowd:' }), user: 0 }
      },
      async stop() {
        await client.close()
        await Promise.all(stores.map(({ store }) => store.close()))
        await server.stop()
      },
    }
  },
  async postgres() {
    const server = await startPostgres({ shared_buffers: '512MB', max_wal_size: '4GB' })
    const { default: pg } = await import('pg')
    const stores = []
    for (const size of SIZES) {
      const url = server.url.replace(/\w+$/, `size${size}`)
      const first = new pg.Client(server.url)
      await first.connect()
      await first.query(`CREATE DATABASE size${size}`)
      await first.end()
      const store = postgresStore({ url, timeout: 60_000 })
      await store.open()
      const client = new pg.Client(url)
      await client.connect()
      await client.query(
        `INSERT INTO keyturn_sessions SELECT 'h' || lpad(n::text, 23, '0'), (n % $5::int)::text, true, $2, $3, $4, NULL FROM generate_series(0, $1::int - 1) n`,
        [size, NOW, NOW + 80_000, NOW + 2_592_000, usersOf(size)],
      )
      await client.query('VACUUM ANALYZE keyturn_sessions')
      const { rows } = await client.query("SELECT pg_total_relation_size('keyturn_sessions') AS bytes")
      await client.query('CHECKPOINT')
      await client.end()
      stores.push({ size, store, bytes: Number(rows[0].bytes) / size })
    }
    const smallest = server.url.replace(/\w+$/, `size${SIZES[0]}`)
    return {
      stores,
      other: postgresStore({ url: smallest }),
      async crowd() {
        const client = new pg.Client(smallest)
        await client.connect()
        await client.query(
          `INSERT INTO keyturn_sessions SELECT 'c' || lpad(n::text, 23, '0'), 'crowd', false, $2, $3, $4, NULL FROM generate_series(1, $1::int) n`,
          [CROWD, NOW, NOW + 80_000, NOW + 2_592_000],
        )
        await client.end()
        return { store: postgresStore({ url: smallest }), user: 'crowd' }
      },
      async stop() {
        await Promise.all(stores.map(({ store }) => store.close()))
        await server.stop()
      },
    }
  },
}

const madeOf = (size, call) => `x${size}n${call}`.padEnd(24, '-')
const calls = {
  find: async (store, size) => {
    if (!(await store.find(handleOf(Math.floor(Math.random() * size)), NOW))) throw new Error('A session is missing.')
  },
  extend: async (store, size, call) => {
    const handle = handleOf(Math.floor(Math.random() * size))
    if (!(await store.extend(handle, NOW + 10 + call, lifetimes))) throw new Error('A session is missing.')
  },
  create: (store, size, call) =>
    store.create(session(madeOf(size, call), Math.floor(Math.random() * usersOf(size))), NOW, null),
  count: (store, size) => store.count(Math.floor(Math.random() * usersOf(size)), NOW),
  end: async (store, size, call) => {
    if (!(await store.end(madeOf(size, call), NOW))) throw new Error('A session is missing.')
  },
}

/** Milliseconds that calls `from` to `to` take. */
async function time(call, store, size, from, to) {
  const start = performance.now()
  let next = from
  const lane = async () => {
    while (next < to) await call(store, size, next++)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return performance.now() - start
}
/** How long the end of all sessions of a user takes, and how long others wait for a look-up meanwhile, and without it. */
async function endCrowd({ store, user }, other) {
  let over = false
  const look = async () => {
    const waits = []
    do {
      const start = performance.now()
      await other.find(handleOf(waits.length % SIZES[0]), NOW)
      waits.push(performance.now() - start)
    } while (!over)
    return waits
  }
  await store.count(user, NOW)
  setTimeout(() => {
    over = true
  }, 1_000)
  const before = await look()
  over = false
  const looking = look()
  const start = performance.now()
  const ended = await store.endUser(user, NOW)
  const took = performance.now() - start
  over = true
  const during = await looking
  await Promise.all([store.close(), other.close()])
  if (ended !== CROWD) throw new Error(`${ended} were ended.`)
  const worst = (list) => `${quantile(list, 0.99).toFixed(1)} ms (p99), ${Math.max(...list).toFixed(1)} ms (longest)`
  return `${Math.round(took)} ms; a look-up took ${worst(during)}, and without it ${worst(before)}`
}
const quantile = (list, share) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * share)]
const middle = (list) => quantile(list, 0.5)

const names = process.argv.slice(2).length ? process.argv.slice(2) : Object.keys(kinds)
const said = []
console.log(
  `µs per call, ${AT_ONCE} at once, the median of ${CALLS / TURN} turns of ${TURN} calls; bytes per session\n`,
)
console.log(`| store | sessions | ${Object.keys(calls).join(' | ')} | bytes |\n|---|---|${'---|'.repeat(6)}`)
for (const name of names) {
  const { stores, other, crowd, stop } = await kinds[name]()
  try {
    const took = stores.map(() => ({}))
    for (const { store, size } of stores) await time(calls.find, store, size, 0, 2_000)
    for (const [kind, call] of Object.entries(calls)) {
      for (const each of took) each[kind] = []
      for (let at = 0; at < CALLS; at += TURN)
        for (const [place, { store, size }] of stores.entries())
          took[place][kind].push(((await time(call, store, size, at, at + TURN)) / TURN) * 1000)
    }
    for (const [place, { size, bytes }] of stores.entries()) {
      const cells = Object.keys(calls).map((kind) => middle(took[place][kind]).toFixed(name === 'memory' ? 1 : 0))
      console.log(`| ${name} | ${size.toLocaleString('en')} | ${cells.join(' | ')} | ${Math.round(bytes)} |`)
    }
    if (crowd) said.push(`${name}: ${await endCrowd(await crowd(), other)}`)
  } finally {
    await stop()
  }
}
console.log(
  `\nThe end of ${CROWD.toLocaleString('en')} sessions of one user, while somebody else's session is looked up:`,
)
for (const line of said) console.log(line)
