import { createJar, type Jar } from './jar.ts'
import type { AuthServer, Call, Held, Person, Reply } from './types.ts'

/** Speaks to a server as its documentation says, with plain `fetch`: what the kit is compared with. */
export interface Client {
  readonly send: (call: Call, jar: Jar) => Promise<Reply>
  readonly signIn: (person: Person) => Promise<{ readonly reply: Reply; readonly held: Held }>
  readonly refresh: (held: Held) => Promise<{ readonly reply: Reply; readonly held: Held }>
  readonly signOut: (held: Held) => Promise<Reply>
  readonly echo: (held: Held) => Promise<Reply>
}

/** `origin`: of the page that it stands for. */
export function createClient(server: AuthServer, baseUrl: string, origin: string): Client {
  const send: Client['send'] = async ({ path, json, form, headers, method = 'GET' }, jar) => {
    const url = new URL(path, baseUrl)
    const cookie = jar.header(url.pathname)
    const type = json !== undefined ? 'application/json' : form && 'application/x-www-form-urlencoded'
    const body = json !== undefined ? JSON.stringify(json) : form && new URLSearchParams({ ...form }).toString()
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        Accept: 'application/json',
        Origin: origin,
        ...(type && { 'Content-Type': type }),
        ...(cookie && { Cookie: cookie }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    })
    jar.take(response.headers)
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parse(text) }
  }
  const take = (reply: Reply, before: Held): { reply: Reply; held: Held } => {
    const { access, refresh } = reply.status < 400 ? server.read(reply) : {}
    return { reply, held: { ...before, access: access ?? before.access, refresh: refresh ?? before.refresh } }
  }
  return {
    send,
    async signIn(person) {
      const jar = createJar()
      return take(await server.signIn(send, person, jar), { access: null, refresh: null, jar })
    },
    async refresh(held) {
      if (!server.refresh) throw new Error(`${server.name} has no refresh.`)
      const jar = held.jar.copy()
      return take(await send(server.refresh(held), jar), { ...held, jar })
    },
    async signOut(held) {
      if (!server.signOut) throw new Error(`${server.name} has no sign-out.`)
      return send(server.signOut(held), held.jar.copy())
    },
    echo: (held) => send(server.echo(held), held.jar.copy()),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
