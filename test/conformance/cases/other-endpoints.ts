import { defineCase } from '../case.ts'
import { isError, isStatus, same } from '../expect.ts'
import { bare, samlOff, session } from '../needs.ts'

const mebibyte = 1_048_576
const path = '/token?grant_type=refresh_token'

const externals = (
  'anonymous_users apple azure bitbucket discord facebook snapchat figma fly github gitlab google keycloak kakao ' +
  'linkedin linkedin_oidc notion spotify slack slack_oidc workos twitch twitter email phone zoom'
).split(' ')

/** A body that is exactly as long as this many bytes. */
function padded(bytes: number): string {
  const start = '{"refresh_token":"aaaaaaaaaaaa","padding":"'
  return `${start}${'x'.repeat(bytes - start.length - 2)}"}`
}

/** Health, settings, paths that are not there, and bodies that are too large. */
export const otherEndpoints = [
  defineCase('G01', 'health: name, description, a version', [], async ({ get }) => {
    const { body } = await isStatus(get('/health'), 200)
    same(
      [body.name, body.description, typeof body.version],
      ['GoTrue', 'GoTrue is a user registration and authentication API', 'string'],
      'name, description, type of version',
    )
  }),
  defineCase('G06', 'settings: the switches agree with what the runner was told', [], async ({ get, facts }) => {
    const { body } = await isStatus(get('/settings'), 200)
    same(
      [body.external.anonymous_users, body.external.email, body.external.phone],
      [facts.anonymous, facts.email, facts.phone],
      'anonymous_users, email, phone',
    )
    same([body.disable_signup, body.mailer_autoconfirm], [!facts.signUp, facts.autoconfirm], 'sign-up, auto-confirm')
  }),
  defineCase('G07', 'settings: every provider is listed as on or off', [bare], async ({ get }) => {
    const { external } = (await isStatus(get('/settings'), 200)).body
    const lacking = externals.filter((name) => typeof external[name] !== 'boolean')
    same(lacking, [], 'providers that are not listed')
  }),
  defineCase('G08', 'settings: the other members', [bare], async ({ get }) => {
    const { body } = await isStatus(get('/settings'), 200)
    const names = ['phone_autoconfirm', 'sms_provider', 'saml_enabled', 'saml_private_key_next_configured']
    same(
      [...names, 'passkeys_enabled'].map((name) => typeof body[name]),
      ['boolean', 'string', 'boolean', 'boolean', 'boolean'],
      [...names, 'passkeys_enabled'].join(', '),
    )
  }),
  defineCase('G03a', 'an unknown path is 404, in plain text', [bare], async ({ get }) => {
    const { text, headers } = await isStatus(get('/nowhere'), 404)
    same(text.trim(), '404 page not found', 'body')
    same(headers.get('Content-Type')?.split(';')[0], 'text/plain', 'Content-Type')
  }),
  defineCase('G03b', 'a known path with another method is 405, empty', [bare], async ({ get }) => {
    same((await isStatus(get('/token'), 405)).text, '', 'body')
  }),
  defineCase('G09', 'a body of 1 MiB is read', [bare], async ({ post }) => {
    await isError(post(path, padded(mebibyte)), 400, 'refresh_token_not_found')
  }),
  defineCase('G10', 'a body of a byte more is refused', [bare], async ({ post }) => {
    const message = 'Request body too large (max 1048576 bytes)'
    await isError(post(path, padded(mebibyte + 1)), 413, 'request_entity_too_large', message)
  }),
  defineCase('G11', 'linking identities by hand is off', [session], async ({ session, get }) => {
    const bearer = (await session()).accessToken
    await isError(get('/user/identities/authorize?provider=github', { bearer }), 404, 'manual_linking_disabled')
  }),
  defineCase('G12', 'being an OAuth server is off', [bare], async ({ get }) => {
    await isError(get('/.well-known/oauth-authorization-server'), 404, 'feature_disabled')
  }),
  defineCase('G13', 'SAML is off', [samlOff], async ({ post }) => {
    await isError(post('/sso', { domain: 'example.com' }), 404, 'saml_provider_disabled')
  }),
]
