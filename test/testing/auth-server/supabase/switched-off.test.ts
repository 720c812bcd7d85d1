import { expect, test } from 'vitest'
import { refusal } from '../auth-client.ts'
import { server } from './supabase-server.ts'

const id = '11111111-2222-4333-8444-555555555555'

test.each([
  ['POST', '/sso', [404, 'saml_provider_disabled', 'SAML 2.0 is disabled']],
  ['GET', '/sso/saml/metadata', [404, 'saml_provider_disabled', 'SAML 2.0 is disabled']],
  ['POST', '/passkeys/authentication/options', [404, 'passkey_disabled', 'Passkeys are disabled']],
  ['GET', '/oauth/authorize', [404, 'feature_disabled', 'OAuth server is disabled']],
  ['POST', '/oauth/token', [404, 'feature_disabled', 'OAuth server is disabled']],
  ['GET', '/scim/v2/Users', [404, 'feature_disabled', 'SCIM server is disabled']],
  ['GET', '/authorize?provider=google', [400, 'validation_failed', 'Unsupported provider: provider is not enabled']],
  [
    'GET',
    '/authorize?provider=email',
    [400, 'validation_failed', 'Unsupported provider: Provider email could not be found'],
  ],
  ['GET', '/authorize', [400, 'validation_failed', 'Unsupported provider: Provider  could not be found']],
  ['GET', '/user/identities/authorize', [401, 'no_authorization', 'This endpoint requires a valid Bearer token']],
  ['POST', '/factors', [401, 'no_authorization', 'This endpoint requires a valid Bearer token']],
])('1.1: %s %s', async (method, path, expected) => {
  const { client } = server()
  expect(refusal(await client.call(method, path))).toEqual(expected)
})

test.each([
  ['GET', '/user/identities/authorize', undefined, [404, 'manual_linking_disabled', 'Manual linking is disabled']],
  ['DELETE', `/user/identities/${id}`, undefined, [404, 'manual_linking_disabled', 'Manual linking is disabled']],
  ['GET', '/user/oauth/grants', undefined, [404, 'feature_disabled', 'OAuth server is disabled']],
  [
    'POST',
    '/factors',
    { factor_type: 'totp' },
    [422, 'mfa_totp_enroll_not_enabled', 'MFA enroll is disabled for TOTP'],
  ],
  [
    'POST',
    '/factors',
    { factor_type: 'phone' },
    [422, 'mfa_phone_enroll_not_enabled', 'MFA enroll is disabled for Phone'],
  ],
  [
    'POST',
    '/factors',
    { factor_type: 'webauthn' },
    [422, 'mfa_webauthn_enroll_not_enabled', 'MFA enroll is disabled for WebAuthn'],
  ],
  [
    'POST',
    '/factors',
    { factor_type: 'x' },
    [400, 'validation_failed', 'factor_type needs to be totp, phone, or webauthn'],
  ],
  ['POST', `/factors/${id}/challenge`, {}, [404, 'mfa_factor_not_found', 'Factor not found']],
  ['POST', `/factors/${id}/verify`, {}, [404, 'mfa_factor_not_found', 'Factor not found']],
  ['DELETE', `/factors/${id}`, undefined, [404, 'mfa_factor_not_found', 'Factor not found']],
  ['DELETE', '/factors/x', undefined, [404, 'validation_failed', 'factor_id must be an UUID']],
])('1.1, 1.16: %s %s of a signed-in user (%j)', async (method, path, body, expected) => {
  const { client } = server()
  const { access_token: token } = (await client.signIn()).body
  expect(refusal(await client.call(method, path, { token, body }))).toEqual(expected)
})

test('1.5: an anonymous user has nothing to do with second factors', async () => {
  const { client } = server({ anonymousSignIns: true })
  const { access_token: token } = (await client.signUp({})).body
  const expected = [403, 'no_authorization', 'Anonymous user not allowed to perform these actions']
  expect(refusal(await client.call('POST', '/factors', { token, body: {} }))).toEqual(expected)
  expect(refusal(await client.call('DELETE', `/factors/${id}`, { token }))).toEqual(expected)
})

test.each([
  ['', 'bad_oauth_callback'],
  ['?state=x', 'bad_oauth_state'],
])('1.1: /callback%s leads back to the app', async (query, code) => {
  const { mock } = server()
  const response = await mock.fetch(`/auth/v1/callback${query}`)
  expect(response.status).toBe(303)
  const address = new URL(response.headers.get('Location') ?? '')
  expect([address.origin, address.searchParams.get('error_code')]).toEqual(['http://localhost:3000', code])
})
