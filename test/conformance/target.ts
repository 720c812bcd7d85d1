import { randomBytes } from 'node:crypto'
import { type Client, createClient } from './client.ts'
import { isStatus } from './expect.ts'
import type { Credentials, Operator, ServerFacts } from './facts.ts'
import { claimsOf } from './jwt.ts'

/** A session as the server handed it out. */
export interface Session extends Credentials {
  readonly accessToken: string
  readonly refreshToken: string
  readonly sessionId: string
  readonly userId: string
}

/** What a case works with. */
export interface Target extends Client {
  readonly facts: ServerFacts
  /** Signs in to an account that cases share. They do not change it, ban it or end its other sessions. */
  readonly session: () => Promise<Session>
  /** Makes an account that nobody else uses, and signs in. */
  readonly ownSession: () => Promise<Session>
  /** Signs in once more. */
  readonly sessionOf: (credentials: Credentials) => Promise<Session>
  readonly anonymousSession: () => Promise<Session>
  /** Refreshes, which must work. Resolves with the new refresh token. */
  readonly next: (refreshToken: string) => Promise<string>
  /** Lets time pass at the server, in seconds. */
  readonly wait: (seconds: number) => Promise<void>
  /** Lets more time pass than the reuse interval. */
  readonly outlastInterval: () => Promise<void>
  readonly ban: (session: Session, banned?: boolean) => Promise<void>
  /** As an operator. */
  readonly setPassword: (session: Session, password: string) => Promise<void>
  /** As an operator. */
  readonly deleteAccount: (session: Session) => Promise<void>
}

/** An address and a password that nobody has. */
export const newCredentials = (): Credentials => ({
  email: `case-${randomBytes(8).toString('hex')}@example.com`,
  password: randomBytes(12).toString('hex'),
})

export function createTarget(facts: ServerFacts, operator: Operator, pause?: () => Promise<void>): Target {
  const client = createClient(facts, pause)
  let shared: Promise<Credentials> | null = null

  const sessionOf: Target['sessionOf'] = async ({ email, password }) =>
    toSession({ email, password }, await isStatus(client.signIn({ email, password }), 200))

  async function makeAccount(): Promise<Credentials> {
    const credentials = newCredentials()
    if (facts.autoconfirm && facts.signUp) await isStatus(client.post('/signup', credentials), 200)
    else await need(operator.createAccount)(credentials)
    return credentials
  }

  const wait: Target['wait'] = async (seconds) => {
    if (operator.advance) await operator.advance(seconds * 1000)
    else await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  }

  return {
    ...client,
    facts,
    session: async () => {
      shared ??= facts.account ? Promise.resolve(facts.account) : makeAccount()
      return sessionOf(await shared)
    },
    ownSession: async () => sessionOf(await makeAccount()),
    sessionOf,
    anonymousSession: async () =>
      toSession({ email: '', password: '' }, await isStatus(client.post('/signup', {}), 200)),
    next: async (refreshToken) => (await isStatus(client.refresh(refreshToken), 200)).body.refresh_token,
    wait,
    outlastInterval: () => wait(facts.reuseInterval + 0.5),
    ban: ({ userId }, banned = true) => need(operator.ban)(userId, banned),
    setPassword: ({ userId }, password) => need(operator.setPassword)(userId, password),
    deleteAccount: ({ userId }) => need(operator.deleteAccount)(userId),
  }
}

function toSession(credentials: Credentials, { body }: { readonly body: TokenBody }): Session {
  const { sub, session_id } = claimsOf(body.access_token)
  return {
    ...credentials,
    accessToken: body.access_token,
    refreshToken: body.refresh_token,
    userId: String(sub),
    sessionId: String(session_id),
  }
}

interface TokenBody {
  readonly access_token: string
  readonly refresh_token: string
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('This case forgot to say what it needs.')
  return value
}
