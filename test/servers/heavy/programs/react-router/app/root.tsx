import type { AuthState } from 'keyturn'
import { AuthProvider } from 'keyturn/react'
import { useEffect } from 'react'
import { Meta, type MiddlewareFunction, Outlet, type RouterContextProvider, Scripts, useLoaderData } from 'react-router'
import { auth } from './auth'
import { server, sessionContext } from './server-auth.server'

export const middleware: MiddlewareFunction<Response>[] = [
  async ({ request, context }, next) => {
    const { session, setCookies } = await server.renew(request)
    context.set(sessionContext, session)
    const response = await next()
    for (const line of setCookies) response.headers.append('Set-Cookie', line)
    response.headers.set('Cache-Control', 'private, no-store')
    return response
  },
]

export const loader = ({ context }: { context: Readonly<RouterContextProvider> }) => context.get(sessionContext).state

export default function Root() {
  const state = useLoaderData() as AuthState
  useEffect(() => {
    Object.assign(window, { auth })
  }, [])
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <Meta />
      </head>
      <body>
        <AuthProvider auth={auth} initialState={state}>
          <Outlet />
        </AuthProvider>
        <Scripts />
      </body>
    </html>
  )
}
