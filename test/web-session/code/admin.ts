import { createKeeper } from 'keyturn/node'
import { adminHandler, type WebSession } from 'keyturn/web-session'

export const adminOf = (session: WebSession): ((request: Request) => Promise<Response>) =>
  adminHandler({
    session,
    keeper: createKeeper({ auth: session.auth, endsAt: session.endsAt }),
    authorize: (request) => request.headers.get('authorization') === `Bearer ${process.env.ADMIN_TOKEN}`,
  })
