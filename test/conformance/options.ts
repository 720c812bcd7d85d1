import { parseArgs } from 'node:util'
import { type Credentials, type ProfileName, plainFacts, profiles, type ServerFacts } from './facts.ts'

/** What the command line said. */
export interface Options {
  /** Only what was said; the rest is asked of the server, or assumed. */
  readonly facts: Partial<ServerFacts> & { readonly url: string; readonly apikey: string }
  readonly adminKey: string | null
  readonly timeTravel: string | null
  /** Wait this long before each request, in ms. */
  readonly pace: number
  /** Run only the cases whose id begins with one of these; empty for all. */
  readonly only: readonly string[]
}

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const

/** Reads the command line. Throws an error that says what is wrong with it. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: text,
      apikey: text,
      profile: text,
      'reuse-interval': text,
      'no-rotation': flag,
      'allow-reuse': flag,
      'session-key': text,
      algorithm: text,
      'jwt-secret': text,
      'jwt-exp': text,
      'password-length': text,
      'password-sets': flag,
      'leaked-password': text,
      'current-password': flag,
      reauthentication: flag,
      timebox: text,
      inactivity: text,
      single: flag,
      'rate-limit-header': text,
      'mail-interval': text,
      'mail-quota': text,
      gateway: flag,
      'admin-key': text,
      account: text,
      'time-travel': text,
      frozen: flag,
      wait: text,
      pace: text,
      only: text,
      autoconfirm: flag,
      anonymous: flag,
      'no-signup': flag,
      'no-email': flag,
      phone: flag,
      saml: flag,
    },
  })
  const facts: Partial<ServerFacts> = {
    ...profiles[oneOf('profile', values.profile ?? 'hosted', Object.keys(profiles) as ProfileName[])],
    ...given('reuseInterval', numeric('reuse-interval', values['reuse-interval'])),
    ...given('rotation', values['no-rotation'] && false),
    ...given('allowReuse', values['allow-reuse']),
    ...given('sessionKey', values['session-key'] && Buffer.from(values['session-key'], 'hex')),
    ...given('algorithm', values.algorithm && oneOf('algorithm', values.algorithm, ['HS256', 'ES256'] as const)),
    ...given('jwtSecret', values['jwt-secret']),
    ...given('tokenLifetime', numeric('jwt-exp', values['jwt-exp'])),
    ...given('passwordLength', numeric('password-length', values['password-length'])),
    ...given('passwordSets', values['password-sets']),
    ...given('leakedPassword', values['leaked-password']),
    ...given('currentPassword', values['current-password']),
    ...given('reauthentication', values.reauthentication),
    ...given('timebox', numeric('timebox', values.timebox)),
    ...given('inactivity', numeric('inactivity', values.inactivity)),
    ...given('single', values.single),
    ...given('rateLimitHeader', values['rate-limit-header']),
    ...given('mailInterval', numeric('mail-interval', values['mail-interval'])),
    ...given('mailQuota', numeric('mail-quota', values['mail-quota'])),
    ...given('gateway', values.gateway),
    ...given('account', values.account && account(values.account)),
    ...given('frozen', values.frozen),
    ...given('patience', numeric('wait', values.wait)),
    ...given('autoconfirm', values.autoconfirm),
    ...given('anonymous', values.anonymous),
    ...given('signUp', values['no-signup'] && false),
    ...given('email', values['no-email'] && false),
    ...given('phone', values.phone),
    ...given('saml', values.saml),
  }
  if (!values.url || !values.apikey) throw new Error('--url and --apikey are required.')
  return {
    facts: { ...facts, url: values.url.replace(/\/+$/, ''), apikey: values.apikey },
    adminKey: values['admin-key'] ?? null,
    timeTravel: values['time-travel'] ?? null,
    pace: numeric('pace', values.pace) ?? 0,
    only: values.only?.split(',') ?? [],
  }
}

/** What `/settings` tells of a server. */
export function factsFromSettings(body: {
  readonly external: Readonly<Record<string, boolean>>
  readonly mailer_autoconfirm: boolean
  readonly disable_signup: boolean
  readonly saml_enabled: boolean
}): Partial<ServerFacts> {
  const { external, mailer_autoconfirm: autoconfirm, disable_signup: noSignUp, saml_enabled: saml } = body
  const { anonymous_users: anonymous = false, email = false, phone = false } = external
  return { autoconfirm, signUp: !noSignUp, anonymous, email, phone, saml }
}

export const completeFacts = (options: Options, asked: Partial<ServerFacts>): ServerFacts => ({
  ...plainFacts,
  ...asked,
  ...options.facts,
})

const given = <Name extends string, T>(name: Name, value: T | undefined | '') =>
  value === undefined || value === '' ? {} : ({ [name]: value } as { readonly [Key in Name]: T })

function oneOf<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value)
  if (!found) throw new Error(`--${name} is one of ${choices.join(', ')}, not ${value}.`)
  return found
}

function numeric(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (value === '' || !(number >= 0)) throw new Error(`--${name} takes a number, not ${value}.`)
  return number
}

function account(value: string): Credentials {
  const [email = '', ...rest] = value.split(':')
  if (!email || rest.length === 0) throw new Error('--account takes <email>:<password>.')
  return { email, password: rest.join(':') }
}
