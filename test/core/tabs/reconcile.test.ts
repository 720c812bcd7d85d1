import type { SignedOutReason } from 'keyturn'
import { expect, test } from 'vitest'
import {
  type Ending,
  type Finding,
  type Found,
  HEARSAY,
  type Knowledge,
  outranks,
  reconcile,
} from '../../../src/core/reconcile.ts'
import type { Session } from '../../../src/core/session.ts'

const session = (some: Partial<Session> = {}): Session => ({
  id: 's',
  order: 5,
  version: 2,
  accessToken: 'a2',
  refreshToken: 'r2',
  receivedAt: 0,
  expiresAt: null,
  skew: 0,
  subject: 'ada',
  user: null,
  claims: null,
  usable: true,
  renewable: true,
  ...some,
})
const whole = (some: Partial<Session> = {}): Found => ({ ...session(some), torn: false })
const torn = (some: Partial<Session> = {}): Found => ({ ...session(some), torn: true })
/** Tokens without a readable record. */
const bare = (some: Partial<Session> = {}): Found => torn({ id: '', order: 0, version: 0, ...some })
/** A record of 0.1.0. */
const old = (some: Partial<Session> = {}): Found => whole({ order: 0, version: 0, ...some })
const ending = (reason: SignedOutReason, some: Partial<Ending> = {}): Ending => ({
  id: 's',
  order: 6,
  version: 2,
  reason,
  ...some,
})
const marker = (reason: SignedOutReason, some: Partial<Ending & { torn: boolean }> = {}): Found => ({
  ...ending(reason, some),
  torn: false,
  ...(some as object),
})

const mine = session()
const made = session({ id: 'made up', order: 0, version: 1 })
const asked = session({ id: 'asked', order: 0, version: 0, accessToken: null, refreshToken: null, usable: false })
const v3 = { version: 3, accessToken: 'a3', refreshToken: 'r3' }
const v1 = { version: 1, accessToken: 'a1', refreshToken: 'r1' }
const signedOut = { over: ending('signed_out') }
const refusedEnd = { over: ending('rejected', { order: 5 }) }
const other = { id: 't', accessToken: 'ta', refreshToken: 'tr' }
const lost = { accessToken: null, refreshToken: null, usable: false, renewable: false }
type Row = [what: string, memory: Session | null, found: Found, known: Partial<Knowledge>, finding: Finding]

test.each<Row>([
  ['nothing, and nobody here', null, null, {}, 'same'],
  ['nothing any more', mine, null, {}, 'gone'],
  ['nothing, and it never took what memory has', mine, null, { saved: false }, 'older'],
  ['nothing, for its time was over', mine, null, { lapsed: true }, 'older'],
  ["another back end's, and nobody here", null, 'foreign', {}, 'same'],
  ["another back end's, over what memory has", mine, 'foreign', {}, 'foreign'],
  ["another back end's, and memory is not stored", mine, 'foreign', { saved: false }, 'same'],

  ['a later sign-out', mine, marker('signed_out'), {}, 'ended'],
  ['a sign-out of the same order', mine, marker('signed_out', { id: 'x', order: 5 }), {}, 'ended'],
  ['a sign-out of this very session, in whatever order', mine, marker('signed_out', { order: 1 }), {}, 'ended'],
  ['a sign-out before this sign-in', mine, marker('signed_out', { id: 'x', order: 4 }), {}, 'older'],
  ['the refusal of what memory has', mine, marker('rejected', { order: 5 }), {}, 'ended'],
  ['the refusal of older tokens', mine, marker('rejected', { order: 5, version: 1 }), {}, 'older'],
  ['a sign-out that the server has not confirmed', mine, marker('signed_out', { pending: 'local' }), {}, 'ended'],
  ['an end, and nobody here', null, marker('signed_out'), {}, 'same'],
  ['an end, and tokens still beside it', null, marker('signed_out', { torn: true }), {}, 'over'],
  ['a later end, and tokens still beside it', mine, marker('signed_out', { torn: true }), {}, 'ended'],

  ['what memory has', mine, whole(), {}, 'same'],
  ['a session, and nobody here', null, whole(), {}, 'other'],
  ['a later sign-in', mine, whole({ ...other, order: 6 }), {}, 'other'],
  ['a later sign-in, and memory is not stored', mine, whole({ ...other, order: 6 }), { saved: false }, 'other'],
  ['an earlier sign-in', mine, whole({ ...other, order: 4 }), {}, 'older'],
  ['an earlier sign-in with a higher version', mine, whole({ ...other, order: 4, version: 9 }), {}, 'older'],
  ['a sign-in of the same order with a greater id', mine, whole(other), {}, 'other'],
  ['a sign-in of the same order with a smaller id', mine, whole({ ...other, id: 'r' }), {}, 'older'],
  ['a later sign-in with the same token', mine, whole({ id: 't', order: 6 }), {}, 'other'],
  ['newer tokens', mine, whole(v3), {}, 'newer'],
  ['newer tokens, and memory is not stored', mine, whole(v3), { saved: false }, 'newer'],
  ['a higher version of the same tokens', mine, whole({ version: 3 }), {}, 'newer'],
  ['older tokens: somebody has set storage back', mine, whole(v1), {}, 'older'],
  ['older tokens, for it took no newer ones', mine, whole(v1), { saved: false }, 'older'],
  ['older tokens, when the server refuses those of memory', mine, whole(v1), { refused: true }, 'newer'],
  ['other tokens of the same version', mine, whole({ refreshToken: 'x' }), {}, 'newer'],
  ['another access token of the same version', mine, whole({ accessToken: 'x' }), {}, 'newer'],
  [
    'other tokens of the same version, memory not stored',
    mine,
    whole({ refreshToken: 'x' }),
    { saved: false },
    'newer',
  ],
  [
    'the same, and the server refuses those of memory',
    mine,
    whole({ refreshToken: 'x' }),
    { saved: false, refused: true },
    'newer',
  ],
  [
    'all but the access token, whose cookie goes with it',
    mine,
    whole({ accessToken: null, usable: false }),
    {},
    'same',
  ],
  ['all but the refresh token', mine, whole({ refreshToken: null }), {}, 'older'],

  ['what was signed out of', null, whole(), signedOut, 'over'],
  ['newer tokens of what was signed out of', null, whole({ ...v3, order: 9 }), signedOut, 'over'],
  ['a sign-in before the sign-out', null, whole({ ...other, order: 4 }), signedOut, 'over'],
  ['a sign-in after the sign-out', null, whole({ ...other, order: 7 }), signedOut, 'other'],
  ['what the server has refused', null, whole(), refusedEnd, 'over'],
  ['newer tokens than those that the server has refused', null, whole(v3), refusedEnd, 'other'],
  ['the session before the one of memory', session({ id: 't', order: 8 }), whole(), signedOut, 'older'],

  ['nothing, while the server is asked whether there is a session', asked, null, {}, 'same'],
  ['a session, while the server is asked', asked, whole(), {}, 'newer'],
  ['what was signed out of, while the server is asked', asked, whole(), signedOut, 'over'],
  ["another back end's, while the server is asked", asked, 'foreign', {}, 'same'],
  ['a sign-out, while the server is asked', asked, marker('signed_out'), {}, 'ended'],
  ['a sign-out from before, while the server is asked', asked, marker('signed_out'), signedOut, 'same'],
  ['a sign-out after that, while the server is asked', asked, marker('signed_out', { order: 7 }), signedOut, 'ended'],
  ['tokens beside a sign-out from before', asked, marker('signed_out', { torn: true }), signedOut, 'over'],

  ['a record alone, and nobody here', null, whole(lost), {}, 'same'],
  ['its own record alone', mine, whole(lost), {}, 'older'],
  [
    'a token that tells it is another person’s, beside a record that is not its',
    mine,
    bare({ accessToken: 'b', subject: 'bob' }),
    {},
    'other',
  ],
  ['the same, memory not stored', mine, bare({ accessToken: 'b', subject: 'bob' }), { saved: false }, 'same'],
  ['a refresh token that this kind has no use for', null, bare({ ...lost, refreshToken: 'r' }), {}, 'same'],
  ['the record of a later sign-in alone', mine, whole({ ...lost, id: 't', order: 6 }), {}, 'gone'],
  ['the record of an earlier sign-in alone', mine, whole({ ...lost, id: 't', order: 4 }), {}, 'older'],

  ['a record of 0.1.0, and nobody here', null, old(), {}, 'other'],
  ['a record of 0.1.0 of what was signed out of', null, old(), signedOut, 'over'],
  ['a record of 0.1.0 of another sign-in since', null, old({ id: 't' }), signedOut, 'other'],
  ['what memory has, as 0.1.0 has written it', mine, old(), {}, 'older'],
  ['what 0.1.0 has renewed', mine, old({ accessToken: 'a3', refreshToken: 'r3' }), {}, 'newer'],
  ['what 0.1.0 has renewed, memory not stored', mine, old({ refreshToken: 'r1' }), { saved: false }, 'older'],
  ['a sign-in with 0.1.0', mine, old(other), {}, 'other'],
  [
    'the session before, as 0.1.0 has written it',
    mine,
    old(other),
    { over: ending('signed_out', { id: 't', order: 4 }) },
    'older',
  ],

  ['tokens without a record, and nobody here', null, bare(), {}, 'other'],
  ['tokens without a record, after an end', null, bare(), signedOut, 'over'],
  [
    'tokens without a record, and a message has told of an end',
    null,
    bare(),
    { over: ending('signed_out', { id: 'x', order: HEARSAY }) },
    'other',
  ],
  ['the tokens of memory without a record', mine, bare(), {}, 'older'],
  ['other tokens without a record', mine, bare({ refreshToken: 'x' }), {}, 'newer'],
  ['other tokens without a record, memory not stored', mine, bare({ refreshToken: 'x' }), { saved: false }, 'same'],
  [
    'the same, and the server refuses those of memory',
    mine,
    bare({ refreshToken: 'x' }),
    { saved: false, refused: true },
    'newer',
  ],
  ['tokens beside a record of others', mine, torn({ refreshToken: 'x' }), {}, 'newer'],
  ['tokens beside a record of others, and nobody here', null, torn({ refreshToken: 'x' }), {}, 'other'],

  ['the token of memory, now with a name', made, whole(), {}, 'newer'],
  [
    'the refresh token of memory, now with a name and an access token',
    { ...made, accessToken: null },
    whole(),
    {},
    'newer',
  ],
  ['another token with a name', made, whole(v3), {}, 'other'],
  ['the token of memory, still without a name', made, bare(), {}, 'older'],
])('storage holds %s', (_, memory, found, known, finding) => {
  expect(reconcile(memory, found, { over: null, saved: true, refused: false, lapsed: false, ...known })).toBe(finding)
})

test('of two ranks at most one is the greater', () => {
  const all = [
    session(),
    session({ version: 3 }),
    session({ id: 't' }),
    session({ order: 6 }),
    ending('signed_out', { order: 5 }),
    ending('rejected', { order: 5 }),
    ending('signed_out', { order: 5, pending: 'local' }),
  ]
  for (const one of all) for (const two of all) expect(outranks(one, two) && outranks(two, one)).toBe(false)
  for (const one of all)
    for (const two of all) if (one !== two) expect(outranks(one, two) || outranks(two, one)).toBe(true)
})
