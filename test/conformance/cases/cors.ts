import { defineCase } from '../case.ts'
import type { Answer } from '../client.ts'
import { isStatus, matches, same } from '../expect.ts'
import { bare } from '../needs.ts'
import type { Target } from '../target.ts'

const origin = 'https://app.example.com'
/** What the official client sends with a refresh, as a browser announces it. */
const clientHeaders = 'apikey,authorization,content-type,x-client-info,x-supabase-api-version'
const allowHeaders = [
  'Access-Control-Allow-Origin',
  'Access-Control-Allow-Methods',
  'Access-Control-Allow-Headers',
  'Access-Control-Allow-Credentials',
]

interface Preflight {
  readonly method?: string
  readonly headers?: string
  readonly from?: string | null
}

function preflight(server: Target, { method = 'POST', headers = clientHeaders, from = origin }: Preflight = {}) {
  const asked = headers === '' ? {} : { 'Access-Control-Request-Headers': headers }
  const own = from === null ? {} : { Origin: from }
  return server.send('OPTIONS', '/token?grant_type=refresh_token', {
    version: null,
    headers: { 'Access-Control-Request-Method': method, ...asked, ...own },
  })
}

const allowed = ({ headers }: Answer): readonly (string | null)[] => allowHeaders.map((name) => headers.get(name))
const nothing = [null, null, null, null]

const blocked = (id: string, title: string, ask: Preflight) =>
  defineCase(id, title, [bare], async (server) => {
    same(allowed(await isStatus(preflight(server, ask), 204)), nothing, 'allow headers')
  })

/** What browsers are told. */
export const cors = [
  defineCase('C01a', 'the preflight of a refresh by the official client', [bare], async (server) => {
    const answer = await isStatus(preflight(server), 204)
    same(allowed(answer), ['*', 'POST', clientHeaders, 'true'], 'allow headers')
  }),
  defineCase('C01b', 'a browser lets the official client send a refresh', [], async (server) => {
    const { status, headers } = await preflight(server)
    same(status === 200 || status === 204, true, `status ${status} is 200 or 204`)
    matches(headers.get('Access-Control-Allow-Origin'), /^(\*|https:\/\/app\.example\.com)$/, 'allow-origin')
    const names = (headers.get('Access-Control-Allow-Headers') ?? '').toLowerCase().split(/\s*,\s*/)
    const lacking = clientHeaders.split(',').filter((name) => !names.includes(name) && !names.includes('*'))
    same(lacking, [], 'headers that are not allowed')
  }),
  defineCase('C03', 'a preflight varies by what it asks', [bare], async (server) => {
    const { headers } = await isStatus(preflight(server), 204)
    const wanted = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'
    same(headers.get('Vary'), wanted, 'Vary')
  }),
  defineCase('C04', 'a preflight has no Max-Age and no body', [bare], async (server) => {
    const { headers, text } = await isStatus(preflight(server), 204)
    same([headers.get('Access-Control-Max-Age'), text], [null, ''], 'Max-Age and body')
  }),
  ...['GET', 'PUT', 'PATCH', 'DELETE'].map((method) =>
    defineCase(`C05-${method}`, `${method} is allowed, and named alone`, [bare], async (server) => {
      const { headers } = await isStatus(preflight(server, { method }), 204)
      same(headers.get('Access-Control-Allow-Methods'), method, 'Access-Control-Allow-Methods')
    }),
  ),
  blocked('C06a', 'another method', { method: 'TRACE' }),
  blocked('C06b', 'a header that is not in the list', { headers: 'authorization,x-other' }),
  blocked('C06c', 'headers that are not sorted', { headers: 'content-type,authorization' }),
  blocked('C06d', 'headers that are not in lower case', { headers: 'Authorization' }),
  blocked('C06e', 'headers with a blank after the comma', { headers: 'authorization, content-type' }),
  blocked('C06f', 'a header asked for twice', { headers: 'authorization,authorization' }),
  blocked('C06g', 'no origin', { from: null }),
  defineCase('C07', 'a preflight that asks for no header is allowed', [bare], async (server) => {
    const answer = await isStatus(preflight(server, { headers: '' }), 204)
    same(allowed(answer), ['*', 'POST', null, 'true'], 'allow headers')
  }),
  defineCase('C02', 'an error shows the version header to scripts', [], async ({ refresh }) => {
    const { headers } = await isStatus(refresh('aaaaaaaaaaaa', { headers: { Origin: origin } }), 400)
    const exposed = (headers.get('Access-Control-Expose-Headers') ?? '').toLowerCase().split(/\s*,\s*/)
    same(exposed.includes('x-supabase-api-version') || exposed.includes('*'), true, 'version header exposed')
  }),
  defineCase('C08', 'an answer to another origin lets it read', [bare], async ({ get }) => {
    const { headers } = await isStatus(get('/settings', { headers: { Origin: origin } }), 200)
    const names = ['Access-Control-Allow-Origin', 'Access-Control-Allow-Credentials', 'Access-Control-Expose-Headers']
    same(
      names.map((name) => headers.get(name)),
      ['*', 'true', 'X-Total-Count, Link, X-Supabase-Api-Version'],
      names.join(', '),
    )
  }),
  defineCase('C09', 'an answer without an origin has no allow headers, but varies', [bare], async ({ get }) => {
    const answer = await isStatus(get('/settings'), 200)
    same([...allowed(answer), answer.headers.get('Vary')], [...nothing, 'Origin'], 'allow headers and Vary')
  }),
]
