import { createHash, randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import type { Person } from '../../harness/types.ts'
import { signInByForm } from '../../suite/browser.ts'

/** What an app does around the kit for a sign-in by redirect: authorization code with PKCE (RFC 7636). */
export async function signInByCode(tab: Page, person: Person): Promise<void> {
  const pageUrl = new URL('/page/', tab.url()).href
  const apiUrl = await tab.evaluate(() => String(window.page.api.defaults.baseURL))
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_id: 'app',
    redirect_uri: pageUrl,
    response_type: 'code',
    scope: 'openid email profile offline_access',
    prompt: 'login consent',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  await signInByForm((page) => page.goto(`${apiUrl}/auth?${query}`))(tab, person)
  const code = new URL(tab.url()).searchParams.get('code')
  const { message } = await tab.evaluate((given) => window.page.signIn(given), {
    code,
    code_verifier: verifier,
    redirect_uri: pageUrl,
  })
  if (message) throw new Error(message)
}
