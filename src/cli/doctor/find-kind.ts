import type { SessionKind } from '../../core/types.ts'
import { Stopped, says } from './client.ts'
import { createJar } from './jar.ts'
import type { Settings } from './settings.ts'
import type { Held, Speak, Spoken } from './speak.ts'

/** What kind of session it is, as it was seen. */
export interface Kind {
  readonly kind: SessionKind
  /** The cookies without which the API answers nobody. */
  readonly apiCookies: readonly string[]
  /** A refresh that was needed to find it out. */
  readonly renewed: Spoken | null
  /** The access token does not come by the sign-in, but by the first refresh. */
  readonly late: boolean
}

/** Signs in and renews as the kit does for such a session: a refresh has the access token only where nothing else renews. */
export function speakAs(speak: Speak, { kind, late }: Kind): Speak {
  const refresh: Speak['refresh'] = (held) =>
    speak.refresh(kind.refresh === 'access' ? held : { ...held, access: null })
  const signIn: Speak['signIn'] = async () => {
    const signedIn = await speak.signIn()
    return late ? refresh(signedIn.held) : signedIn
  }
  return { ...speak, refresh, signIn }
}

const empty = (held: Held): Held => ({ ...held, access: null, jar: createJar() })

/**
 * Finds out what the API wants to see, and what renews it, by leaving out one after the other.
 * @throws Stopped when nothing that a sign-in gave opens the API.
 */
export async function findKind(speak: Speak, settings: Settings, signedIn: Spoken): Promise<Kind> {
  const { held } = signedIn
  const opens = async (it: Held) => (await speak.api(it)).ok
  const bearer = { ...empty(held), access: held.access }
  if (held.access && (await opens(bearer))) return findRefresh(speak, settings, signedIn, 'token', [])
  const cookies = held.jar.all().filter(({ name }) => name !== settings.csrf?.cookie)
  const jarOnly = { ...held, access: null }
  if (cookies.length && (await opens(jarOnly))) {
    const needed: string[] = []
    for (const { name } of cookies) {
      const without = held.jar.copy((cookie) => (cookie.name === name ? null : cookie))
      if (!(await opens({ ...jarOnly, jar: without }))) needed.push(name)
    }
    return findRefresh(speak, settings, { ...signedIn, held: jarOnly }, 'cookie', needed)
  }
  // The access token may come by the first refresh.
  if (cookies.length && settings.refresh) {
    const renewed = await speak.refresh({ ...held, access: null })
    if (renewed.told.access && (await opens({ ...bearer, access: renewed.held.access })))
      return { kind: { access: 'token', refresh: 'cookie' }, apiCookies: [], renewed, late: true }
  }
  const { method, path } = settings.api
  throw new Stopped(
    `The sign-in succeeded, but ${method} ${settings.base}${path} does not answer to what it gave. ` +
      `It gave ${held.access ? `an access token at ${signedIn.told.access?.at}` : 'no access token that was found'} and ${cookies.length} cookies. ` +
      'Is that an address that every person who is signed in may ask for (--api)? Else say where the token is (--access-token), or the word before it (--scheme).',
  )
}

async function findRefresh(
  speak: Speak,
  settings: Settings,
  signedIn: Spoken,
  access: SessionKind['access'],
  apiCookies: readonly string[],
): Promise<Kind> {
  const { held } = signedIn
  const found = (refresh: SessionKind['refresh'], renewed: Spoken | null): Kind => ({
    kind: { access, refresh },
    apiCookies,
    renewed,
    late: false,
  })
  if (!settings.refresh) return found('none', null)
  if (held.refresh) return found('token', null)
  const visible = access === 'token'
  const kind = { access, refresh: 'cookie' } as const
  // First what must not work if there is a refresh token of its own: nothing is spent by it.
  const first = visible
    ? { ...held, jar: createJar() }
    : { ...held, jar: held.jar.copy((cookie) => (apiCookies.includes(cookie.name) ? null : cookie)) }
  const second = visible ? { ...held, access: null } : held
  const tried = await speak.refresh(first)
  if (speak.gave(tried, kind)) {
    if (visible) return found('access', { ...tried, held: { ...tried.held, jar: held.jar } })
    const jar = held.jar.copy()
    jar.take(tried.answer.headers)
    return found('cookie', { ...tried, held: { ...tried.held, jar } })
  }
  const then = await speak.refresh(second)
  if (speak.gave(then, kind)) return found(visible ? 'cookie' : 'access', then)
  throw new Stopped(
    `${then.answer.call} answered ${says(then.answer)} to a session that was new. ` +
      "Say where the refresh is (--refresh '/path', or none), where the sign-in's answer has the refresh token (--refresh-token), or what a refresh is sent (--refresh-body).",
  )
}
