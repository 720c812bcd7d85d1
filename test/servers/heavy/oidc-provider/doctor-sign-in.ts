import type { SignInModule } from '../../../../src/cli/doctor/speak.ts'
import { createJar } from '../../harness/jar.ts'
import type { Send } from '../../harness/types.ts'
import { authorize } from './server.ts'

/** What a person would write for `npx keyturn doctor --sign-in`: the redirects of a code flow. */
const signIn: SignInModule = async (credentials, send) => {
  let last: Awaited<ReturnType<typeof send>> | undefined
  const call: Send = async ({ method = 'GET', path, form }) => {
    last = await send({ method, path, body: form && new URLSearchParams(form) })
    return { status: last.status, headers: last.headers, json: last.body, text: '' }
  }
  await authorize(call, credentials, createJar())
  if (!last) throw new Error('Nothing was asked.')
  return last
}
export default signIn
