import { type NextRequest, NextResponse } from 'next/server'
import { serverAuth } from './app/server-auth'

/** Renews what has expired before pages are rendered. */
export async function proxy(request: NextRequest) {
  const { setCookies, cookie } = await serverAuth().renew(request)
  // What renders the page reads the renewed cookies.
  const headers = new Headers(request.headers)
  headers.set('Cookie', cookie)
  const response = NextResponse.next({ request: { headers } })
  for (const line of setCookies) response.headers.append('Set-Cookie', line)
  return response
}

export const config = { matcher: '/' }
