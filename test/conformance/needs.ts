import type { Need } from './case.ts'
import type { ServerFacts } from './facts.ts'

const need = (name: string, isMet: Need['isMet']): Need => ({ name, isMet })

/** Anybody signed in. */
export const session = need(
  'a way to sign in (--autoconfirm, --admin-key or --account)',
  (facts, operator) =>
    facts.email && ((facts.autoconfirm && facts.signUp) || !!operator.createAccount || facts.account !== null),
)

/** An account that no other case has touched. */
export const freshAccount = need(
  'a way to make confirmed accounts (--autoconfirm or --admin-key)',
  (facts, operator) => facts.email && ((facts.autoconfirm && facts.signUp) || !!operator.createAccount),
)

/** A sign-up that answers with tokens. */
export const autoconfirm = need(
  'a server that confirms addresses by itself (--autoconfirm)',
  ({ autoconfirm, signUp, email }) => autoconfirm && signUp && email,
)
export const confirmation = need(
  'a server that wants addresses confirmed (no --autoconfirm)',
  ({ autoconfirm, signUp, email }) => !autoconfirm && signUp && email,
)
export const account = need('a confirmed account (--account)', ({ account }) => account !== null)
export const signUp = need('sign-up switched on', ({ signUp, email }) => signUp && email)
export const signUpOff = need('sign-up switched off (--no-signup)', ({ signUp }) => !signUp)
export const anonymous = need('anonymous sign-in (--anonymous)', ({ anonymous, signUp }) => anonymous && signUp)
export const anonymousOff = need('anonymous sign-in switched off (no --anonymous)', ({ anonymous }) => !anonymous)
export const emailOff = need('the e-mail provider switched off (--no-email)', ({ email }) => !email)
export const phone = need('the phone provider (--phone)', ({ phone }) => phone)
export const phoneOff = need('the phone provider switched off (no --phone)', ({ phone }) => !phone)

export const passwordSets = need('passwords that need letters and digits (--password-sets)', ({ passwordSets }) => {
  return passwordSets
})
export const leakedPassword = need('a password known to have leaked (--leaked-password)', ({ leakedPassword }) => {
  return leakedPassword !== null
})
export const weakAccount = need('an account whose password has no digit (--account, --password-sets)', (facts) => {
  return facts.passwordSets && facts.account !== null && !/\d/.test(facts.account.password)
})
/** Passwords can be changed without more ado. */
export const freePassword = need('no --current-password and no --reauthentication', (facts) => {
  return !facts.currentPassword && !facts.reauthentication
})
export const currentPassword = need('--current-password', ({ currentPassword }) => currentPassword)
export const reauthentication = need('--reauthentication', ({ reauthentication }) => reauthentication)

export const samlOff = need('SAML switched off (no --saml)', ({ saml }) => !saml)

export const v1 = need('refresh tokens of version 1 (--profile hosted or default)', ({ tokens }) => tokens === 'v1')
export const v2 = need('refresh tokens of version 2 (--profile v2)', ({ tokens }) => tokens === 'v2')
export const strict = need('--profile strict', ({ tokens }) => tokens === 'strict')
export const shortTokens = need('refresh tokens of 12 characters', ({ tokens }) => tokens !== 'v2')
export const supabase = need('Supabase Auth itself (not --profile strict)', ({ tokens }) => tokens !== 'strict')
export const interval = need('a reuse interval (--reuse-interval)', ({ reuseInterval }) => reuseInterval > 0)
export const noInterval = need('a reuse interval of 0 (--reuse-interval 0)', ({ reuseInterval }) => reuseInterval === 0)
export const rotation = need('rotation switched on (no --no-rotation)', ({ rotation }) => rotation)
export const rotationOff = need('rotation switched off (--no-rotation)', ({ rotation }) => !rotation)
export const allowReuse = need('reuse allowed (--allow-reuse)', ({ allowReuse }) => allowReuse)
export const reuseRefused = need('reuse not allowed (no --allow-reuse)', ({ allowReuse }) => !allowReuse)
export const sessionKey = need('one key for all sessions (--session-key)', ({ sessionKey }) => sessionKey !== null)

export const timebox = need('a time-box (--timebox)', ({ timebox }) => timebox !== null)
export const inactivity = need('an inactivity timeout (--inactivity)', ({ inactivity }) => inactivity !== null)
export const single = need('one session per user (--single)', ({ single }) => single)
export const ban = need('a way to ban users (--admin-key)', (_facts, { ban }) => !!ban)
export const operator = need('an operator (--admin-key)', (_facts, operator) => !!operator.deleteAccount)
export const jwtSecret = need('the JWT secret (--jwt-secret)', ({ jwtSecret }) => jwtSecret !== null)
export const jwtApikey = need('an API key that is a JWT', ({ apikey }) => apikey.split('.').length === 3)
export const hs256 = need('HS256 access tokens (--algorithm HS256)', ({ algorithm }) => algorithm === 'HS256')
export const es256 = need('ES256 access tokens (--algorithm ES256)', ({ algorithm }) => algorithm === 'ES256')
export const rateLimits = need('rate limits (--rate-limit-header)', ({ rateLimitHeader }) => rateLimitHeader !== null)
export const mailInterval = need('--mail-interval', ({ mailInterval }) => mailInterval !== null)
export const mailQuota = need('mails that may be used up (--mail-quota)', ({ mailQuota }) => mailQuota !== null)
/** More sign-ups than a quota for mails would let through. */
export const freeMail = need('no --mail-quota', ({ mailQuota }) => mailQuota === null)
export const bare = need('no gateway in front (no --gateway)', ({ gateway }) => !gateway)
export const frozen = need('a clock that stands still (--frozen)', (facts, { advance }) => facts.frozen && !!advance)

type Seconds = number | ((facts: ServerFacts) => number)

const has = (facts: ServerFacts, canAdvance: boolean, seconds: Seconds): boolean =>
  canAdvance || (typeof seconds === 'number' ? seconds : seconds(facts)) <= facts.patience

/** Time that passes at the server: by moving its clock, or by waiting if the runner has the patience. */
export const anyTime = (seconds: Seconds): Need =>
  need('time travel (--time-travel) or more patience (--wait)', (facts, { advance }) => has(facts, !!advance, seconds))

/** Time that passes without a session coming to its end. */
export const time = (seconds: Seconds): Need =>
  need('time travel or more patience, and sessions that last (no --timebox, no --inactivity)', (facts, { advance }) => {
    return has(facts, !!advance, seconds) && facts.timebox === null && facts.inactivity === null
  })

/** Time enough to be outside of the reuse interval. */
export const intervalPasses = time(({ reuseInterval }) => reuseInterval + 1)
