import { Hono } from 'hono'
import { AuthProvider } from 'keyturn/react'
import type { ServerAuth } from 'keyturn/server'
import { renderToString } from 'react-dom/server'
import { App } from '../../rendering/app.tsx'
import { auth } from '../../rendering/auth.ts'

/** @param template the app's index.html, with a place for the page in it */
export function createApp(server: ServerAuth, template: string): Hono {
  const app = new Hono()
  app.post('/renewal', (context) => server.route(context.req.raw))
  app.get('/', async (context) => {
    const { session, setCookies } = await server.renew(context.req.raw)
    for (const line of setCookies) context.header('Set-Cookie', line, { append: true })
    context.header('Cache-Control', 'private, no-store')
    const page = renderToString(
      <AuthProvider auth={auth} initialState={session.state}>
        <App />
      </AuthProvider>,
    )
    // As JSON in a script, where no text of a user can end the script.
    const state = JSON.stringify(session.state).replaceAll('<', '\\u003c')
    const script = `</div><script type="application/json" id="state">${state}</script>`
    return context.html(template.replace('<!--page--></div>', () => page + script))
  })
  return app
}
