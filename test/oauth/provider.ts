/** oidc-provider in this process: code with PKCE for a public client, rotating refresh tokens, revocation, logout, DPoP. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import Provider, { type Configuration } from 'oidc-provider'

export interface Asked {
  readonly method: string
  readonly path: string
  /** Of a form: its parameters. */
  readonly form: URLSearchParams
}

export interface TestProvider {
  readonly issuer: string
  /** What was asked below the issuer, in order. */
  readonly asked: Asked[]
  readonly count: (path: string, grant?: string) => number
  readonly close: () => Promise<void>
}

export interface ProviderOptions {
  /** Where the app may be sent back to. */
  readonly redirects: readonly string[]
  /** Seconds. Default: 3600. */
  readonly accessLife?: number
  /** Every proof must have a nonce of the server. Default: false. */
  readonly nonces?: boolean
  /** Answers what is not the provider's, such as the app's page. */
  readonly app?: express.RequestHandler
  readonly port?: number
}

const people = ['ada', 'grace']
const form = `<!doctype html><title>Sign in</title><form method="post"><input name="login"><button>Sign in</button></form>`

/** Starts it on a free port of the loopback. Whoever types their name is signed in. */
export async function startProvider({
  redirects,
  accessLife = 3600,
  nonces,
  app: page,
}: ProviderOptions): Promise<TestProvider> {
  const app = express()
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const configuration: Configuration = {
    clients: [
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        id_token_signed_response_alg: 'ES256',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: redirects.map((path) => new URL(path, issuer).href),
        post_logout_redirect_uris: [`${issuer}/`],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' }] as never },
    cookies: { keys: [randomBytes(24).toString('hex')] },
    claims: { openid: ['sub'], profile: ['name'] },
    conformIdTokenClaims: false,
    ttl: {
      AccessToken: accessLife,
      IdToken: 3600,
      RefreshToken: 86_400,
      Session: 86_400,
      Grant: 86_400,
      Interaction: 600,
    },
    clockTolerance: 0,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    clientBasedCORS: () => true,
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, name: id.toUpperCase() }) }),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => !!nonces },
    },
  }
  const provider = new Provider(issuer, configuration)
  const asked: Asked[] = []
  app.use((request, _response, next) => {
    const { method, path } = request
    const entry = { method, path, form: new URLSearchParams() }
    asked.push(entry)
    if (!/^\/(token|interaction)/.test(path) || method !== 'POST') return next()
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      entry.form = new URLSearchParams(text)
      // As a body parser before the provider would leave it.
      Object.assign(request, { body: Object.fromEntries(entry.form) })
      next()
    })
  })
  app.get('/interaction/:uid', async (request, response) => {
    const { prompt, params, session } = await provider.interactionDetails(request, response)
    if (prompt.name === 'login') return void response.type('html').send(form)
    // The app is the operator's own: nobody is asked for consent.
    const grant = new provider.Grant({ accountId: `${session?.accountId}`, clientId: `${params.client_id}` })
    grant.addOIDCScope(`${params.scope}`)
    const grantId = await grant.save()
    await provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true })
  })
  app.post('/interaction/:uid', async (request, response) => {
    const { login } = request.body as { login: string }
    const result = people.includes(login)
      ? { login: { accountId: login } }
      : { error: 'access_denied', error_description: 'The person said no.' }
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
  })
  if (page) app.use(page)
  app.use(provider.callback())
  return {
    issuer,
    asked,
    count: (path, grant) =>
      asked.filter((one) => one.path === path && (!grant || one.form.get('grant_type') === grant)).length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** What a browser does with the address that a page has left for: follows redirects, keeps cookies, fills in the form. */
export async function travel(address: string, login: string, jar = new Map<string, string>()): Promise<URL> {
  let url = new URL(address)
  let body: URLSearchParams | null = null
  for (let steps = 0; steps < 12; steps++) {
    const response = await fetch(url, {
      method: body ? 'POST' : 'GET',
      body,
      redirect: 'manual',
      headers: { Cookie: [...jar].map((pair) => pair.join('=')).join('; ') },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    body = null
    const location = response.headers.get('Location')
    if (location) {
      url = new URL(location, url)
      if (/[?&](code|error)=/.test(url.search)) return url
    } else if (response.status === 200) body = new URLSearchParams({ login })
    else throw new Error(`The provider answered ${response.status}: ${await response.text()}`)
  }
  throw new Error('The sign-in goes round in circles.')
}
