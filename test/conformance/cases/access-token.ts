import { defineCase } from '../case.ts'
import { isStatus, lacks, matches, same } from '../expect.ts'
import { claimsOf, headerOf, isSignedBy } from '../jwt.ts'
import { bare, es256, hs256, session, supabase } from '../needs.ts'

const claimNames = [
  'sub',
  'aud',
  'exp',
  'iat',
  'email',
  'phone',
  'app_metadata',
  'user_metadata',
  'role',
  'aal',
  'amr',
  'session_id',
  'is_anonymous',
]

/** What is in an access token, and how it is signed. */
export const accessToken = [
  defineCase('J01', 'the claims, in order; iss before them or not at all', [session, supabase], async ({ session }) => {
    const names = Object.keys(claimsOf((await session()).accessToken))
    same(names[0] === 'iss' ? names.slice(1) : names, claimNames, 'claims')
  }),
  defineCase('J02', 'aud is one string, role and aal are the usual', [session], async ({ session }) => {
    const { aud, role, aal } = claimsOf((await session()).accessToken)
    same([aud, role, aal], ['authenticated', 'authenticated', 'aal1'], 'aud, role, aal')
  }),
  defineCase('J03', 'exp is iat plus the lifetime, in whole seconds', [session], async ({ session, facts }) => {
    const { exp, iat } = claimsOf((await session()).accessToken)
    same([Number.isInteger(iat), Number(exp) - Number(iat)], [true, facts.tokenLifetime], 'integer, lifetime')
  }),
  defineCase('J04', 'there is no nbf', [session], async ({ session }) => {
    lacks(claimsOf((await session()).accessToken), ['nbf'], 'claims')
  }),
  defineCase('J05', 'iss is the base address where there is one', [session], async ({ session }) => {
    const { iss } = claimsOf((await session()).accessToken)
    if (iss !== undefined) matches(iss, /^https?:\/\/.+\/auth\/v1$/, 'iss')
  }),
  defineCase('J06', 'HS256: the header says so', [session, hs256], async ({ session }) => {
    const { alg, typ } = headerOf((await session()).accessToken)
    same([alg, typ], ['HS256', 'JWT'], 'alg, typ')
  }),
  defineCase('G02a', 'ES256: the header says so and names the key', [session, es256], async ({ session }) => {
    const { alg, kid } = headerOf((await session()).accessToken)
    same(alg, 'ES256', 'alg')
    matches(kid, /^.+$/, 'kid')
  }),
  defineCase('G02b', 'ES256: the key is public, and the signature fits it', [session, es256], async (server) => {
    const { accessToken } = await server.session()
    const { body } = await isStatus(server.get('/.well-known/jwks.json'), 200)
    const { kid } = headerOf(accessToken)
    const key = body.keys.find((each: { readonly kid?: string }) => each.kid === kid)
    same([key?.kty, key?.alg, key?.use, key?.key_ops], ['EC', 'ES256', 'sig', ['verify']], 'kty, alg, use, key_ops')
    same(isSignedBy(accessToken, key), true, 'signature')
  }),
  defineCase('G02c', 'ES256: the public key has no private part', [es256], async ({ get }) => {
    const { body } = await isStatus(get('/.well-known/jwks.json'), 200)
    for (const key of body.keys) lacks(key, ['d', 'k'], 'key')
  }),
  defineCase('G04', 'HS256: no key is public', [hs256], async ({ get }) => {
    same((await isStatus(get('/.well-known/jwks.json'), 200)).body, { keys: [] }, 'body')
  }),
  defineCase('G05', 'the keys may be cached for ten minutes', [bare], async ({ get }) => {
    const { headers } = await isStatus(get('/.well-known/jwks.json'), 200)
    same(headers.get('Cache-Control'), 'public, max-age=600', 'Cache-Control')
  }),
]
