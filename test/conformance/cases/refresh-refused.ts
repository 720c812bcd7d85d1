import { defineCase } from '../case.ts'
import { isError, isStatus, lacks, matches, same } from '../expect.ts'
import { freshAccount, session } from '../needs.ts'
import { invalidRefreshToken } from './words.ts'

const path = '/token?grant_type=refresh_token'
const badJson = /^Could not parse request body as JSON: /
const unknown = 'aaaaaaaaaaaa'

const notValid = (id: string, title: string, body: unknown) =>
  defineCase(id, `${title} is not valid`, [], async ({ post }) => {
    await isError(post(path, body), 400, 'validation_failed', 'Refresh token is not valid')
  })
const unreadable = (id: string, title: string, body: string) =>
  defineCase(id, `${title} is bad_json`, [], async ({ post }) => {
    await isError(post(path, body), 400, 'bad_json', badJson)
  })
const versioned = (id: string, version: string | null, isNew: boolean) =>
  defineCase(id, `version ${version ?? 'not given'}: ${isNew ? 'new' : 'legacy'} format`, [], async ({ refresh }) => {
    const { body, headers } = await isStatus(refresh(unknown, { version }), 400)
    same(isNew ? body.code : body.error_code, 'refresh_token_not_found', isNew ? 'code' : 'error_code')
    same(headers.get('X-Supabase-Api-Version'), isNew ? '2024-01-01' : null, 'X-Supabase-Api-Version')
  })

/** Refreshes that are refused before any rotation is thought of, and what a refusal looks like. */
export const refreshRefused = [
  notValid('R17a', 'an empty object', {}),
  notValid('R17b', 'a token that is null', { refresh_token: null }),
  notValid('R18a', 'a token of 11 characters', { refresh_token: 'a'.repeat(11) }),
  notValid('R18b', 'a made-up word of 13 characters', { refresh_token: 'invalid-token' }),
  notValid('R19', 'a token of 12 upper-case characters', { refresh_token: 'A'.repeat(12) }),
  notValid('R21a', 'a token of 51 characters with a wrong checksum', { refresh_token: 'a'.repeat(51) }),
  notValid('R21b', 'a token of 51 characters that are not base64url', { refresh_token: '*'.repeat(51) }),
  defineCase('R20a', 'an unknown token of 12 characters is not found', [], async ({ refresh }) => {
    await isError(refresh(unknown), 400, 'refresh_token_not_found', invalidRefreshToken.notFound)
  }),
  defineCase('R20b', 'all digits and small letters are in the accepted form', [], async ({ refresh }) => {
    await isError(refresh('0189zzzzzzzz'), 400, 'refresh_token_not_found')
  }),
  defineCase('R20c', 'the refusal of an unknown token names no user and no session', [], async ({ refresh }) => {
    const { headers } = await isError(refresh(unknown), 400, 'refresh_token_not_found')
    same([headers.get('sb-auth-user-id'), headers.get('sb-auth-session-id')], [null, null], 'headers')
  }),
  unreadable('R22a', 'an empty body', ''),
  unreadable('R22b', 'text', 'not json'),
  unreadable('R22c', 'a token that is a number', '{"refresh_token":5}'),
  unreadable('R22d', 'an array', '[]'),
  defineCase('R22e', 'the reason for an empty body is its end', [], async ({ post }) => {
    await isError(post(path, ''), 400, 'bad_json', 'Could not parse request body as JSON: unexpected end of JSON input')
  }),
  defineCase('R23a', 'no grant_type', [], async ({ post }) => {
    await isError(post('/token', { refresh_token: unknown }), 400, 'invalid_credentials', 'unsupported_grant_type')
  }),
  defineCase('R23b', 'an unknown grant_type', [], async ({ post }) => {
    await isError(post('/token?grant_type=foo', {}), 400, 'invalid_credentials', 'unsupported_grant_type')
  }),
  defineCase('R25a', 'after logout of the others their tokens are not found', [freshAccount], async (server) => {
    const first = await server.ownSession()
    const second = await server.sessionOf(first)
    await isStatus(server.logout(first.accessToken, 'others'), 204)
    await isError(server.refresh(second.refreshToken), 400, 'refresh_token_not_found', invalidRefreshToken.notFound)
  }),
  defineCase('R25b', 'after logout of the others the own token is good', [freshAccount], async (server) => {
    const first = await server.ownSession()
    await server.sessionOf(first)
    await isStatus(server.logout(first.accessToken, 'others'), 204)
    await isStatus(server.refresh(first.refreshToken), 200)
  }),
  defineCase('R26', 'after logout without scope no token of the user is found', [freshAccount], async (server) => {
    const first = await server.ownSession()
    const second = await server.sessionOf(first)
    await isStatus(server.logout(first.accessToken), 204)
    for (const { refreshToken } of [first, second]) {
      await isError(server.refresh(refreshToken), 400, 'refresh_token_not_found', invalidRefreshToken.notFound)
    }
  }),
  defineCase('R27', 'after local logout a spent token is not found either', [freshAccount], async (server) => {
    const { accessToken, refreshToken } = await server.ownSession()
    await server.next(refreshToken)
    await isStatus(server.logout(accessToken, 'local'), 204)
    await isError(server.refresh(refreshToken), 400, 'refresh_token_not_found', invalidRefreshToken.notFound)
  }),
  defineCase('R40a', 'legacy: code is the status, error_code and msg are text', [], async ({ refresh }) => {
    const { body } = await isStatus(refresh(unknown, { version: null }), 400)
    same(body, { code: 400, error_code: 'refresh_token_not_found', msg: invalidRefreshToken.notFound }, 'body')
  }),
  defineCase('R40b', 'legacy: the code is in a header as well', [], async ({ refresh }) => {
    const { headers } = await isStatus(refresh(unknown, { version: null }), 400)
    same(headers.get('x-sb-error-code'), 'refresh_token_not_found', 'x-sb-error-code')
  }),
  versioned('R40c', null, false),
  versioned('R41a', '2023-12-31', false),
  versioned('R41b', 'garbage', false),
  versioned('R41c', '2025-06-01', true),
  versioned('R41d', '2024-01-01', true),
  defineCase('R41e', 'new format: nothing but code and message', [], async ({ refresh }) => {
    const { body } = await isStatus(refresh(unknown), 400)
    same(body, { code: 'refresh_token_not_found', message: invalidRefreshToken.notFound }, 'body')
  }),
  defineCase('R41f', 'new format: the code is in a header as well', [], async ({ refresh }) => {
    const { headers } = await isStatus(refresh(unknown), 400)
    same(headers.get('x-sb-error-code'), 'refresh_token_not_found', 'x-sb-error-code')
  }),
  defineCase('R49a', 'the content type of the request does not matter', [session], async ({ session, refresh }) => {
    await isStatus(refresh((await session()).refreshToken, { headers: { 'Content-Type': 'text/plain' } }), 200)
  }),
  defineCase('R49b', 'member names match in any case, others are ignored', [session], async ({ session, post }) => {
    const { body } = await isStatus(post(path, { Refresh_Token: (await session()).refreshToken, more: [1] }), 200)
    lacks(body, ['more'], 'body')
  }),
  defineCase('R49c', 'answers are application/json, compact, without a newline', [session], async (server) => {
    const { headers, text, body } = await server.refresh((await server.session()).refreshToken)
    matches(headers.get('Content-Type'), /^application\/json$/, 'Content-Type')
    same(text, JSON.stringify(body), 'text')
  }),
]
