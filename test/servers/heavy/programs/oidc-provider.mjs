// oidc-provider: code + PKCE for a public client, refresh tokens that rotate, reuse ends the grant. DPoP is on offer.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import express from 'express'
import { Provider } from 'oidc-provider'
import { accessLife, appOrigin, people, port, profile, publicUrl, ready } from '../../harness/setting.mjs'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const find = (id) => people.find(({ name }) => name.toLowerCase() === id)

const provider = new Provider(publicUrl, {
  clients: [
    {
      client_id: 'app',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      // The second one is for who speaks to it without a page.
      redirect_uris: [`${appOrigin}/page/`, 'http://127.0.0.1/callback'],
      post_logout_redirect_uris: [`${appOrigin}/page/`],
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
  cookies: { keys: [randomBytes(24).toString('hex')] },
  claims: { openid: ['sub'], email: ['email'], profile: ['name'] },
  ttl: {
    AccessToken: accessLife,
    IdToken: accessLife,
    RefreshToken: 86_400,
    Session: 86_400,
    Grant: 86_400,
    Interaction: 600,
  },
  pkce: { required: () => true },
  // Else the store in memory keeps what has expired for 15 s more, and it is accepted.
  clockTolerance: 0,
  clientBasedCORS: (_context, origin) => origin === appOrigin,
  findAccount: (_context, id) => find(id) && { accountId: id, claims: () => ({ sub: id, ...profile(find(id)) }) },
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  features: { devInteractions: { enabled: false }, revocation: { enabled: true }, dPoP: { enabled: true } },
})

const app = express()
const form = (words) => `<!doctype html><title>Sign in</title><p>${words}</p><form method="post">
<input name="email"><input name="password" type="password"><button>Sign in</button></form>`

app.get('/interaction/:uid', async (request, response) => {
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  if (prompt.name === 'login') return response.type('html').send(form(''))
  // The app is the operator's own: nobody is asked for consent.
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id })
  grant.addOIDCScope(params.scope)
  const grantId = await grant.save()
  await provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true })
})
app.post('/interaction/:uid', express.urlencoded(), async (request, response) => {
  const { email, password } = request.body
  const person = people.find((person) => person.email === email && person.password === password)
  if (!person) return response.status(401).type('html').send(form('Wrong e-mail address or password'))
  const login = { accountId: person.name.toLowerCase() }
  await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false })
})
app.use(provider.callback())
app.listen(port, '127.0.0.1', ready)
