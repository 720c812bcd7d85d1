import { pathToFileURL } from 'node:url'
import type { HttpAnswer } from '../../backends/http.ts'
import { judge } from '../../backends/judge.ts'
import type { SessionKind } from '../../core/types.ts'
import { type Client, type DoctorCall, Stopped, says } from './client.ts'
import { createJar, type Jar } from './jar.ts'
import { readAnswer, type Told } from './read-answer.ts'
import type { Endpoint, Settings } from './settings.ts'
import { fill, type Values } from './template.ts'

export interface Credentials {
  readonly email: string
  readonly password: string
}

/** What a client of the server has in hand. Never changed: a call gives another one. */
export interface Held {
  readonly access: string | null
  readonly refresh: string | null
  readonly jar: Jar
}

export interface Spoken {
  readonly answer: HttpAnswer
  readonly told: Told
  readonly held: Held
}

/** Signs in by a way of its own: several calls, redirects. Its last answer is that of a sign-in. */
export type SignInModule = (
  credentials: Credentials,
  send: (call: DoctorCall) => Promise<HttpAnswer>,
) => Promise<HttpAnswer>

/** Speaks to the server as it was told to. */
export interface Speak {
  signIn(): Promise<Spoken>
  refresh(held: Held): Promise<Spoken>
  signOut(held: Held): Promise<HttpAnswer>
  api(held: Held): Promise<HttpAnswer>
  /** Whether an answer to a refresh gave what was asked for: some servers refuse with a 200. */
  gave(spoken: Spoken, kind: SessionKind): boolean
}

/** `refreshName`: what a refresh token is called where it was found. */
export function createSpeak(settings: Settings, client: Client, credentials: Credentials): Speak {
  const { bodies, fields, scheme, csrf } = settings
  const { email, password } = credentials
  client.hide(password)
  let refreshName = 'refresh_token'

  const ask = ({ method, path }: Endpoint, given: Held, body: unknown) => {
    // As the kit: a form brings its own credentials.
    const held = body instanceof URLSearchParams ? { ...given, access: null } : given
    const repeated = csrf && method !== 'GET' ? held.jar.get(csrf.cookie) : null
    const headers = {
      ...(held.access && { Authorization: `${scheme} ${held.access}` }),
      ...(csrf && repeated !== null && { [csrf.header]: decodeURIComponent(repeated) }),
    }
    return client.send({ method, path, headers, body: method === 'GET' ? undefined : body }, held.jar)
  }
  const take = (answer: HttpAnswer, before: Held): Spoken => {
    const told = readAnswer(answer, fields)
    const { access, refresh } = answer.ok ? told : { access: null, refresh: null }
    client.hide(access?.value ?? null, refresh?.value ?? null)
    const held = { ...before, access: access?.value ?? before.access, refresh: refresh?.value ?? before.refresh }
    return { answer, told, held }
  }
  const valuesOf = ({ access, refresh }: Held): Values => ({ email, password, access, refresh })
  /** By default the token goes back under the name that it came by. */
  const body = (template: string | null, held: Held) => {
    if (template !== null) return fill(template, valuesOf(held))
    return held.refresh === null ? undefined : { [refreshName]: held.refresh }
  }

  return {
    async signIn() {
      const held = { access: null, refresh: null, jar: createJar() }
      let answer: HttpAnswer
      if (settings.signInModule) {
        const { default: signIn } = (await import(pathToFileURL(settings.signInModule).href)) as {
          default: SignInModule
        }
        answer = await signIn(credentials, (call) => client.send(call, held.jar))
      } else
        answer = await ask(
          settings.signIn,
          held,
          bodies.signIn === null ? { email, password } : fill(bodies.signIn, valuesOf(held)),
        )
      if (answer.status > 399) throw new Stopped(refused(answer, client))
      const spoken = take(answer, held)
      refreshName = spoken.told.refresh?.at.split('.').at(-1) ?? refreshName
      return spoken
    },
    async refresh(held) {
      const jar = held.jar.copy()
      const answer = await ask(settings.refresh as Endpoint, { ...held, jar }, body(bodies.refresh, held))
      return take(answer, { ...held, jar })
    },
    signOut: (held) => ask(settings.signOut as Endpoint, { ...held, jar: held.jar.copy() }, body(bodies.signOut, held)),
    api: (held) => ask(settings.api, { ...held, jar: held.jar.copy() }, undefined),
    gave({ answer, told }, { access }) {
      if (!answer.ok || answer.page) return false
      return access === 'token' ? told.access !== null : answer.body !== null && judge(answer) === 'hint'
    },
  }
}

function refused(answer: HttpAnswer, client: Client): string {
  const { status, page } = answer
  const what = `The sign-in failed: ${answer.call} answered ${client.safe(says(answer))}.`
  if (page || status === 404 || status === 405) return `${what} Say where it is: --sign-in '/path'.`
  if (status === 415 || status === 422 || status === 400)
    return `${what} Say what it wants to be sent: --sign-in-body '{"username":"{email}","password":"{password}"}', or a form.`
  if (status === 403) return `${what} If it asks for a CSRF token, or for the page's origin: --csrf, --origin.`
  return `${what} It is not tried again: wrong passwords lock accounts.`
}
