import type { StoredSession } from '../../../src/core/types.ts'
import { createSealKey } from '../../../src/node/sealed/key-ring.ts'

export const keys = `a:${createSealKey()}`
export const backend = 'https://api.example.test'

/** Version `version` of the session of the `order`th sign-in. */
export const session = (version: number, order = 1): StoredSession => ({
  accessToken: `access-${order}-${version}`,
  refreshToken: `refresh-${order}-${version}`,
  record: { id: `s${order}`, order, version, backend, receivedAt: 0, expiresAt: null, skew: 0, user: { name: 'Ada' } },
})
