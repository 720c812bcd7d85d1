import { join } from 'node:path'
import { restBackend } from '../../../src/index.ts'
import { createNodeAuth } from '../../../src/node/create-node-auth.ts'
import { type SealedFile, sealedFile } from '../../../src/node/sealed/sealed-file.ts'
import { newFolder } from '../folder.ts'
import { buildProgram, type Program, startProgram } from '../programs.ts'
import { keys } from '../sealed/session.ts'
import { type AuthServer, type ServerOptions, startServer } from '../server.ts'

export interface Shared {
  readonly server: AuthServer
  readonly path: string
  /** The file, as another process sees it. */
  open(): SealedFile
  signIn(): Promise<void>
  start(options?: object): Promise<Program>
}

/** A server, a sealed file, and somebody who has signed in. */
export async function share(options?: ServerOptions): Promise<Shared> {
  const server = await startServer(options)
  const path = join(newFolder(), 'session')
  const open = () => sealedFile({ path, keys, profile: 'ada', backend: server.url, create: true })
  const signIn = async () => {
    const auth = createNodeAuth({ backend: restBackend({ baseUrl: server.url }), storage: open() })
    await auth.signIn({ email: 'ada@example.test', password: 'secret' })
    auth.dispose()
  }
  await signIn()
  return {
    server,
    path,
    open,
    signIn,
    start: async (more = {}) => startProgram(await buildProgram('session'), { path, keys, url: server.url, ...more }),
  }
}
