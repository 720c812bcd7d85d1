import { createFakeClock, createMockAuth, type MockAuth, type MockAuthOptions } from 'keyturn/testing'
import { listen } from '../../demo/server/listen.ts'
import { type Credentials, type Operator, plainFacts, profiles, type ServerFacts } from './facts.ts'
import { forge } from './jwt.ts'
import { createHttpOperator } from './operator.ts'

/** One way to set up the mock, and the same told to the runner. */
export interface Setup {
  readonly name: string
  readonly options: MockAuthOptions
  readonly facts: Partial<ServerFacts>
}

export interface Running {
  readonly facts: ServerFacts
  readonly operator: Operator
  readonly mock: MockAuth
  readonly close: () => Promise<void>
}

const account: Credentials = { email: 'ada@example.test', password: 'correct-horse' }
const jwtSecret = 'a-secret-that-the-conformance-suite-knows'
const unconfirmed = { autoconfirm: false, account, mailInterval: 60 }
const leaked = 'leaked-password-1'

/** What a standard set-up of one of the profiles is like. */
const profile = (name: keyof typeof profiles): Setup => ({
  name,
  options: { profile: name, anonymousSignIns: true },
  facts: { ...profiles[name], autoconfirm: true, anonymous: true },
})

const variant = (
  name: string,
  base: keyof typeof profiles,
  options: MockAuthOptions,
  facts: Partial<ServerFacts>,
): Setup => ({
  name: `${base}, ${name}`,
  options: { ...profile(base).options, ...options },
  facts: { ...profile(base).facts, ...facts },
})

/** Every case that one of these allows is run against it. */
export const standardSetups: readonly Setup[] = [
  profile('hosted'),
  profile('default'),
  profile('v2'),
  profile('strict'),
]

/** Against these only the cases are run that none of the standard ones allows. */
export const specialSetups: readonly Setup[] = [
  variant('rotation off', 'hosted', { revokeOnReuse: false }, { rotation: false }),
  variant('rotation off', 'v2', { revokeOnReuse: false }, { rotation: false }),
  variant('reuse allowed', 'v2', { allowReuse: true }, { allowReuse: true }),
  // Keys are drawn from `random`, so these are 32 zero bytes.
  variant('known keys', 'v2', { random: () => 0 }, { sessionKey: new Uint8Array(32) }),
  variant('interval 0', 'v2', { reuseInterval: 0 }, { reuseInterval: 0 }),
  ...(['hosted', 'v2'] as const).flatMap((base) => [
    variant('time-box', base, { sessionTimebox: 2 }, { timebox: 2 }),
    variant('inactivity', base, { sessionInactivity: 2 }, { inactivity: 2 }),
    variant('both limits', base, { sessionTimebox: 2, sessionInactivity: 2 }, { timebox: 2, inactivity: 2 }),
    variant('single', base, { singleSession: true }, { single: true }),
    variant('single, inactivity', base, { singleSession: true, sessionInactivity: 2 }, { single: true, inactivity: 2 }),
  ]),
  variant('confirmation', 'hosted', { autoConfirm: false, mailsPerHour: 1000 }, unconfirmed),
  variant('mail quota', 'hosted', { autoConfirm: false, mailsPerHour: 3 }, { ...unconfirmed, mailQuota: 3 }),
  variant('no sign-up', 'hosted', { signUps: false }, { signUp: false, account }),
  variant('no anonymous users', 'hosted', { anonymousSignIns: false }, { anonymous: false }),
  variant('no e-mail', 'hosted', { emailLogins: false }, { email: false }),
  variant('ES256', 'hosted', { signing: 'ES256' }, { algorithm: 'ES256' }),
  variant('rate limits', 'hosted', { rateLimits: { header: 'X-Test-IP' } }, { rateLimitHeader: 'X-Test-IP' }),
  variant(
    'passwords',
    'hosted',
    { passwordPolicy: { minLength: 8, required: ['abcdefghijklmnopqrstuvwxyz', '0123456789'], leaked: [leaked] } },
    { passwordLength: 8, passwordSets: true, leakedPassword: leaked, account },
  ),
  variant('current password', 'hosted', { requireCurrentPassword: true }, { currentPassword: true }),
  variant('reauthentication', 'hosted', { requireReauthentication: true }, { reauthentication: true }),
]

/** What the runner is told about a mock that is set up so. */
export const factsOf = ({ facts }: Setup, url = ''): ServerFacts => ({
  ...plainFacts,
  jwtSecret,
  frozen: true,
  ...facts,
  url,
  apikey: forge({ iss: 'supabase', role: 'anon', iat: 1_700_000_000, exp: 4_000_000_000 }, jwtSecret),
})

/** The same things that `start` can do, to ask which cases it allows before anything runs. */
export const anyOperator: Operator = {
  ...createHttpOperator(factsOf(profile('hosted')), 'key', null).operator,
  advance: async () => {},
}

/** Serves the mock over HTTP, on a clock that stands still until a case lets time pass. */
export async function start(setup: Setup): Promise<Running> {
  const clock = createFakeClock()
  const mock = createMockAuth({ clock, jwtSecret, users: [account], ...setup.options })
  const { origin, close } = await listen(mock.handle, 0)
  const facts = factsOf(setup, `${origin}/auth/v1`)
  const { operator } = createHttpOperator(facts, await mock.admin.apiKey('service_role'), null)
  return {
    facts,
    operator: { ...operator, advance: async (ms) => clock.jump(ms) },
    mock,
    close,
  }
}
