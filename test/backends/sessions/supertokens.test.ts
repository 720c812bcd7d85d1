import { sessionBackend, supertokens } from 'keyturn/backends'
import { describe, expect, test } from 'vitest'
import { createSite, refreshed } from './site.ts'
import { API, createSuperTokensServer, type Style, type SuperTokensServer } from './supertokens-server.ts'

const ada = { email: 'ada@example.test', password: 'secret' }

function openSite(style: Style = 'sdk') {
  let server: SuperTokensServer | undefined
  const site = createSite(sessionBackend(supertokens({ baseUrl: API })), (clock) => {
    server = createSuperTokensServer(clock)
    server.style = style
    return server.handle
  })
  return Object.assign(site, { server: server as unknown as SuperTokensServer })
}
async function signedIn(style?: Style) {
  const site = openSite(style)
  const tab = site.open()
  await tab.auth.signIn(ada)
  await site.clock.flush()
  site.sent.length = 0
  tab.events.length = 0
  return { site, server: site.server, ...tab }
}

describe.each<Style>(['sdk', 'older', 'core'])('answers of the kind "%s"', (style) => {
  test('a sign-in, and a renewal with another refresh token each time, five minutes before the end', async () => {
    const { site, server, auth } = await signedIn(style)
    expect(auth.getState()).toMatchObject({ user: { id: 'user-1', emails: [ada.email] } })
    expect(site.browser.stored()?.refreshToken).toBe('refresh-token-1')
    await site.clock.advance(3_299_000)
    expect(server.refreshed).toEqual([])
    await site.clock.advance(3_600_000)
    expect(server.refreshed).toEqual(['refresh-token-1', 'refresh-token-2'])
    expect(site.browser.stored()?.refreshToken).toBe('refresh-token-3')
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })

  test('acceptance 12: a stolen refresh token ends the session, once, and the app learns why', async () => {
    const { site, server, auth, events } = await signedIn(style)
    // The thief was first.
    await server.handle(
      new Request(`${API}/session/refresh`, {
        method: 'POST',
        headers: { authorization: 'Bearer refresh-token-1', 'st-auth-mode': 'header' },
      }),
    )
    await site.clock.advance(3_600_000)
    expect(auth.getState()).toMatchObject({
      status: 'unauthenticated',
      reason: 'rejected',
      error: { code: 'rejected', serverCode: 'TOKEN_THEFT_DETECTED' },
    })
    expect(events.filter(([name]) => name === 'signed_out')).toHaveLength(1)
    expect(site.paths()).toEqual(['POST /auth/session/refresh'])
  })

  test('a session that was revoked is over', async () => {
    const { site, server, auth } = await signedIn(style)
    server.alive = false
    await site.clock.advance(3_600_000)
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
  })
})

test('the tokens go in headers, and nothing else does', async () => {
  const { site, auth } = await signedIn()
  await refreshed(site, auth)
  expect(site.sent[0]?.headers).toMatchObject({ authorization: 'Bearer refresh-token-1', 'st-auth-mode': 'header' })
  expect([site.sent[0]?.body, site.sent[0]?.headers.cookie]).toEqual([null, undefined])
})

test.each([
  ['a wrong password', { ...ada, password: 'wrong' }, 'WRONG_CREDENTIALS_ERROR', 'WRONG_CREDENTIALS_ERROR'],
  ['a field that is no address', { ...ada, email: 'ada' }, 'FIELD_ERROR', 'Email is invalid'],
  [
    'somebody who may not',
    { ...ada, email: 'banned@example.test' },
    'SIGN_IN_NOT_ALLOWED',
    'Cannot sign in due to security reasons.',
  ],
])('%s comes as a 200, and is refused all the same', async (_, credentials, serverCode, message) => {
  const { auth } = openSite().open()
  await expect(auth.signIn(credentials)).rejects.toMatchObject({ code: 'credentials_rejected', serverCode, message })
  expect(auth.getState().status).toBe('unauthenticated')
})

test('ten tabs renew once', async () => {
  const { site, server } = await signedIn()
  for (let tab = 0; tab < 9; tab++) site.open()
  await site.clock.advance(3_400_000)
  expect(server.refreshed).toEqual(['refresh-token-1'])
})

test('a sign-out ends the session, also with an access token that has run out', async () => {
  const fresh = await signedIn()
  expect(await fresh.auth.signOut()).toEqual({ revoked: true })
  expect([fresh.server.alive, fresh.site.paths()]).toEqual([false, ['POST /auth/signout']])
  const late = await signedIn()
  late.site.fault = () => Promise.reject(new TypeError('Failed to fetch'))
  await late.site.clock.advance(3_700_000)
  late.site.fault = null
  late.site.sent.length = 0
  expect(await late.auth.signOut()).toEqual({ revoked: true })
  expect([late.server.alive, late.site.paths()]).toEqual([false, ['POST /auth/session/refresh', 'POST /auth/signout']])
})

test('a sign-out of what is over already raises nothing, and one of other devices has no call', async () => {
  const { server, auth } = await signedIn()
  expect(await auth.signOut({ scope: 'others' })).toEqual({ revoked: false })
  server.alive = false
  server.life = 0
  expect((await auth.signOut()).revoked).toBe(true)
})

test.each([500, 503, 429, 404])('a refresh that is answered %d ends nobody’s session', async (status) => {
  const { site, auth } = await signedIn()
  site.fault = () => new Response('{}', { status, headers: { 'content-type': 'application/json' } })
  await site.clock.advance(3_700_000)
  expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: { status } })
})
