import { setTimeout as sleep } from 'node:timers/promises'
import type { Facts, RefreshFacts, SignOutFacts } from './facts.ts'
import { ada } from './people.ts'
import { at, text } from './read.ts'
import type { Running } from './run.ts'
import type { Held, Reply } from './types.ts'

/** How long (s) a second use is tried at the most. */
const GRACE = 15

/** Status, and the server's words in short. */
export function words({ status, json, text: body, headers }: Reply): string {
  const found = [
    'error_code',
    'error.code',
    'errors.0.extensions.code',
    'code',
    'error',
    'error.message',
    'errors.0.message',
    'message',
  ]
    .map((path) => text(at(json, path)))
    .find((word) => word)
  const challenge = /error="?(\w+)/.exec(headers.get('www-authenticate') ?? '')?.[1]
  const said = found ?? challenge ?? (json === null ? body.slice(0, 40) : '')
  return `${status} ${said}`.trim()
}

async function signedIn({ client, server }: Running, person = ada): Promise<Held> {
  const { held, reply } = await client.signIn(person)
  const seen = server.kind.access === 'token' ? held.access : held.jar.all()[0]
  if (reply.status >= 400 || !seen)
    throw new Error(`The sign-in ended with ${reply.status}: ${reply.text.slice(0, 500)}`)
  return held
}

/** Runs `ask` with a session whose access token has not run out meanwhile: once more if the machine was too slow for it. */
export async function whileFresh<T>(running: Running, ask: (held: Held) => Promise<T>, person = ada): Promise<T> {
  for (let tries = 3; ; tries--) {
    const start = Date.now()
    const result = await ask(await signedIn(running, person))
    if (tries === 0 || Date.now() - start < running.accessLife * 1000) return result
  }
}

/** The credential that a renewal spends. */
const credential = ({ server }: Running, held: Held): string =>
  server.kind.refresh === 'token'
    ? `${held.refresh}`
    : held.jar
        .all()
        .map(({ value }) => value)
        .join()

/** A client whose every credential is not one. */
function spoilt({ server }: Running, held: Held, value: string | null): Held {
  const jar = held.jar.copy()
  for (const { name } of jar.all()) value === null ? jar.delete(name) : jar.set(name, value)
  const renews = server.kind.refresh
  return { ...held, jar, refresh: value, access: renews === 'access' ? value : held.access }
}

async function measureRefresh(running: Running): Promise<RefreshFacts | null> {
  const { client, server } = running
  if (!server.refresh) return null
  const first = await signedIn(running)
  const renewed = await client.refresh(first)
  const rotates = server.kind.refresh !== 'access' && credential(running, first) !== credential(running, renewed.held)
  const answers = [renewed.reply]
  const ask = async (held: Held) => {
    const { reply } = await client.refresh(held)
    answers.push(reply)
    return reply
  }
  const works = async (held: Held) => isGiven(running, await ask(held))

  let forgives: number | null = rotates ? 0 : null
  let secondUse: string | null = null
  let survives = true
  if (rotates) {
    const reply = await ask(first)
    secondUse = words(reply)
    survives = await works(renewed.held)
    if (reply.status < 400) {
      for (const second of Array.from({ length: GRACE }, (_, index) => index + 1)) {
        await sleep(1000)
        if (!(await works(first))) break
        forgives = second
      }
    }
  }

  const { five, parallelSurvived } = await whileFresh(running, async (together) => {
    const five = await Promise.all(Array.from({ length: 5 }, () => client.refresh(together)))
    const winner = five.find(({ reply }) => isGiven(running, reply))
    return { five, parallelSurvived: winner !== undefined && (await works(winner.held)) }
  })
  const winners = five.filter(({ reply }) => isGiven(running, reply))
  const parallel = winners.length === 5 ? 'all' : winners.length === 1 ? 'one' : 'race'

  const other = await signedIn(running)
  const malformed = words(await ask(spoilt(running, other, 'not-a-token')))
  const missing = words(await ask(spoilt(running, other, null)))
  const retryAfter = answers.some(({ headers }) => headers.has('retry-after'))
  return {
    rotates,
    secondUse,
    forgives,
    survivesSecondUse: survives,
    parallel,
    parallelSurvived: parallel === 'race' ? null : parallelSurvived,
    malformed,
    missing,
    retryAfter,
  }
}

/** Whether an answer to a refresh gave what was asked for: some servers refuse with a 200. */
const isGiven = ({ server }: Running, reply: Reply): boolean => {
  if (reply.status >= 400) return false
  const { access, life } = server.read(reply)
  return server.kind.access === 'token' ? !!access : !!life && Number.isFinite(life.value)
}

async function measureApi(running: Running): Promise<Facts['api']> {
  const { client, accessLife, server } = running
  const held = await signedIn(running)
  const spoil = (value: string | null): Held => {
    const { jar } = spoilt(running, held, value)
    return { ...held, access: value, jar: server.kind.access === 'cookie' ? jar : held.jar }
  }
  const malformed = words(await client.echo(spoil('not-a-token')))
  const missing = words(await client.echo({ ...spoil(null), jar: spoilt(running, held, null).jar }))
  await sleep(accessLife * 1000 + 1500)
  return { expired: words(await client.echo(held)), malformed, missing }
}

async function measureSignOut(running: Running): Promise<SignOutFacts | null> {
  const { client, accessLife, server } = running
  if (!server.signOut) return null
  const renews = async (held: Held) => !!server.refresh && isGiven(running, (await client.refresh(held)).reply)
  const ended = await whileFresh(running, async (held) => ({
    answer: words(await client.signOut(held)),
    endsAccess: (await client.echo(held)).status >= 400,
    endsRefresh: !(await renews(held)),
  }))
  const late = await signedIn(running)
  await sleep(accessLife * 1000 + 1500)
  const withExpired = words(await client.signOut(late))
  return { ...ended, withExpired, endsRefreshWithExpired: !(await renews(late)) }
}

async function measureCors({ url, pageUrl }: Running, path: string): Promise<Facts['cors']> {
  const preflight = (origin: string) =>
    fetch(new URL(path, url), {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type',
      },
    })
  const own = await preflight(new URL(pageUrl).origin)
  const foreign = await preflight('https://stranger.example.test')
  const allowed = (response: Response, origin: string) => {
    const value = response.headers.get('access-control-allow-origin')
    return value === origin ? 'the same' : value === new URL(pageUrl).origin ? "the page's" : value
  }
  return {
    page: allowed(own, new URL(pageUrl).origin),
    stranger: allowed(foreign, 'https://stranger.example.test'),
    credentials: own.headers.get('access-control-allow-credentials') === 'true',
  }
}

/** Asks a server all of it. Takes some two lives of an access token; one, if sessions may be made at the same time. */
export async function measure(running: Running, serial: boolean): Promise<Facts> {
  const { client, server, accessLife } = running
  const { reply, held } = await client.signIn(ada)
  const life = server.read(reply).life ?? (server.refresh && server.read((await client.refresh(held)).reply).life)
  const cookies = held.jar.all().map(({ name, attributes }) => {
    const { httponly, samesite, path, secure, 'max-age': maxAge, expires } = attributes
    const kept = maxAge !== undefined || expires !== undefined
    return [
      name,
      httponly !== undefined && 'HttpOnly',
      secure !== undefined && 'Secure',
      samesite && `SameSite=${samesite}`,
      path && `Path=${path.replace(/[\w-]{20,}$/, '…')}`,
      kept ? 'kept' : 'session',
    ]
      .filter(Boolean)
      .join('; ')
  })
  const cors = await measureCors(running, server.refresh?.(held).path ?? '/')
  const refresh = await measureRefresh(running)
  const first = measureApi(running)
  // Payload loses sessions of one person that are made at the same time.
  if (serial) await first
  const [api, signOut] = await Promise.all([first, measureSignOut(running)])
  return {
    refresh,
    api,
    life: life ? { at: life.at, unit: life.unit ?? (life.value > accessLife * 100 ? 'ms' : 's') } : null,
    cookies: cookies.sort(),
    cors,
    signOut,
  }
}
