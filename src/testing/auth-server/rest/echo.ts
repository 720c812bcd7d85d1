import { json, type Visit } from '../core/http.ts'
import type { SessionRow } from '../core/sessions.ts'
import type { UserRow } from '../core/users.ts'

/** Tells the client what it sent, byte by byte. */
export async function echo(visit: Visit, user: UserRow, session: SessionRow | null): Promise<Response> {
  const { request, url } = visit
  const bytes = new Uint8Array(await request.arrayBuffer())
  return json(200, {
    method: request.method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    search: url.search,
    headers: Object.fromEntries(request.headers),
    body: textOf(bytes),
    bodyBase64: base64Of(bytes),
    userId: user.id,
    sessionId: session?.id ?? null,
  })
}

/** null when the bytes are not UTF-8. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function base64Of(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
