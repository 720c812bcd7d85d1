import type { Ids } from './ids.ts'
import { type Metadata, merged, sorted } from './metadata.ts'
import type { MockUser } from './options.ts'

/** What signs a user in by e-mail and password. */
export interface IdentityRow {
  readonly id: string
  readonly createdAt: number
  updatedAt: number
  data: Metadata
}

/** Times in ms by the server's clock. */
export interface UserRow {
  readonly id: string
  readonly createdAt: number
  updatedAt: number
  /** Lower case; empty for somebody without an address. */
  email: string
  /** An address that waits for its confirmation; empty when there is none. */
  newEmail: string
  /** null: cannot sign in with a password. */
  password: string | null
  role: string
  appMetadata: Metadata
  userMetadata: Metadata
  identity: IdentityRow | null
  isAnonymous: boolean
  emailConfirmedAt: number | null
  confirmationSentAt: number | null
  recoverySentAt: number | null
  emailChangeSentAt: number | null
  reauthenticationSentAt: number | null
  reauthenticationCode: string
  lastSignInAt: number | null
  bannedUntil: number | null
  deletedAt: number | null
}

export interface Users {
  readonly add: (user: MockUser & { readonly id?: string }) => UserRow
  readonly addAnonymous: (data: Metadata) => UserRow
  /** The case of the address does not matter. */
  readonly byEmail: (email: string) => UserRow | null
  readonly byId: (id: string) => UserRow | null
  /** Oldest first. */
  readonly all: () => readonly UserRow[]
  /** Gives the user an address in lower case, and with it an identity. */
  readonly setEmail: (user: UserRow, email: string, isConfirmed: boolean) => void
  readonly confirm: (user: UserRow) => void
  readonly remove: (user: UserRow) => void
}

export function createUsers(ids: Ids, now: () => number): Users {
  const byId = new Map<string, UserRow>()
  const byEmail = new Map<string, UserRow>()

  function add(id: string, userMetadata: Metadata): UserRow {
    const time = now()
    const user: UserRow = {
      id,
      createdAt: time,
      updatedAt: time,
      email: '',
      newEmail: '',
      password: null,
      role: 'authenticated',
      appMetadata: {},
      userMetadata,
      identity: null,
      isAnonymous: true,
      emailConfirmedAt: null,
      confirmationSentAt: null,
      recoverySentAt: null,
      emailChangeSentAt: null,
      reauthenticationSentAt: null,
      reauthenticationCode: '',
      lastSignInAt: null,
      bannedUntil: null,
      deletedAt: null,
    }
    byId.set(id, user)
    return user
  }

  function addIdentity(user: UserRow, data: Metadata): void {
    user.identity = { id: ids.uuid(), createdAt: now(), updatedAt: now(), data }
  }

  function confirm(user: UserRow): void {
    user.emailConfirmedAt ??= now()
    user.userMetadata = merged(user.userMetadata, { email_verified: true })
  }

  return {
    add: ({ id = ids.uuid(), email, password, data = {}, confirmed = true }) => {
      const address = email.toLowerCase()
      const claims = { email: address, email_verified: false, phone_verified: false, sub: id }
      // The caller's data cannot override what the server says itself.
      const user = add(id, sorted({ ...data, ...claims }))
      user.isAnonymous = false
      user.email = address
      user.password = password === '' ? null : password
      user.appMetadata = { provider: 'email', providers: ['email'] }
      addIdentity(user, sorted({ ...data, ...claims }))
      if (confirmed) confirm(user)
      byEmail.set(address, user)
      return user
    },
    addAnonymous: (data) => add(ids.uuid(), sorted(data)),
    byEmail: (email) => byEmail.get(email.toLowerCase()) ?? null,
    byId: (id) => byId.get(id) ?? null,
    all: () => [...byId.values()],
    setEmail: (user, email, isConfirmed) => {
      if (user.email !== '') byEmail.delete(user.email)
      byEmail.set(email, user)
      user.email = email
      user.newEmail = ''
      user.isAnonymous = false
      const claims = { email, email_verified: isConfirmed }
      if (user.identity) {
        user.identity.data = merged(user.identity.data, claims)
        user.identity.updatedAt = now()
      } else addIdentity(user, sorted({ ...claims, phone_verified: false, sub: user.id }))
      if (isConfirmed) confirm(user)
    },
    confirm,
    remove: (user) => {
      byId.delete(user.id)
      if (user.email !== '') byEmail.delete(user.email)
    },
  }
}

export function isBanned(user: UserRow, time: number): boolean {
  return user.bannedUntil !== null && time < user.bannedUntil
}
