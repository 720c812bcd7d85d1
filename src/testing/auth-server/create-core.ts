import type { Clock } from '../../core/ports.ts'
import type { FakeClock } from '../browser/fake-clock.ts'
import { createAccessTokens } from './core/access-tokens.ts'
import { createIds, type Ids } from './core/ids.ts'
import type { MockAuthOptions, MockUser } from './core/options.ts'
import { createSessions } from './core/sessions.ts'
import { settingsOf } from './core/settings.ts'
import { es256Signer, hs256Signer, opaqueSigner, type Signer, unsecuredSigner } from './core/signers.ts'
import { createUsers } from './core/users.ts'
import { createMails } from './supabase/mails.ts'
import { createRateLimits } from './supabase/rate-limits.ts'
import type { SupabaseCore } from './supabase/supabase-core.ts'

const defaultUsers: readonly MockUser[] = [{ email: 'ada@example.test', password: 'correct-horse' }]

interface OwnedCore {
  readonly core: SupabaseCore
  readonly setTokenVersion: (version: 1 | 2) => void
}

/** Puts together what stands behind the two dialects. */
export function createCore(options: MockAuthOptions, clock: Clock): OwnedCore {
  const settings = settingsOf(options)
  const ids = createIds(options.random ?? Math.random)
  const now = (): number => clock.now() + (options.serverSkew ?? 0)
  const tokens = createAccessTokens({
    signer: signerOf(options, ids),
    now,
    ids,
    lifetime: options.tokenLifetime ?? 3600,
    unique: settings.strict,
    // WebCrypto works in real time; a fake clock waits for it, or a slow machine would see time-outs.
    during: 'during' in clock ? (clock as FakeClock).during : (work) => work,
  })
  const limits = createRateLimits(options.rateLimits, options.mailsPerHour ?? 30, now)
  let version = settings.tokenVersion
  const core: SupabaseCore = {
    users: createUsers(ids, now),
    sessions: createSessions(ids, now),
    mails: createMails(settings, now, limits.allowMail),
    tokens,
    limits,
    ids,
    settings,
    now,
    tokenVersion: () => version,
  }
  for (const user of options.users ?? defaultUsers) core.users.add(user)
  return {
    core,
    setTokenVersion: (value) => {
      version = settings.strict ? 1 : value
    },
  }
}

function signerOf({ opaqueTokens, signing, jwtSecret }: MockAuthOptions, ids: Ids): Signer {
  if (opaqueTokens) return opaqueSigner(ids)
  if (signing === 'none') return unsecuredSigner()
  return signing === 'ES256' ? es256Signer(ids) : hs256Signer(jwtSecret ?? ids.opaque())
}
