// Payload: its REST API without Next, over SQLite. The access token renews itself.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { sqliteAdapter } from '@payloadcms/db-sqlite'
import { buildConfig, Forbidden, getPayload, handleEndpoints } from 'payload'
import { accessLife, appOrigin, folder, people, port, publicUrl, ready } from '../../harness/setting.mjs'

const config = await buildConfig({
  serverURL: publicUrl,
  secret: randomBytes(32).toString('hex'),
  telemetry: false,
  typescript: { autoGenerate: false },
  cors: [appOrigin],
  csrf: [appOrigin],
  db: sqliteAdapter({ client: { url: `file:${join(folder, 'payload.db')}` } }),
  collections: [
    {
      slug: 'users',
      auth: { tokenExpiration: accessLife, lockTime: 0, maxLoginAttempts: 0 },
      fields: [{ name: 'name', type: 'text' }],
    },
  ],
  endpoints: [
    {
      path: '/echo',
      method: 'get',
      handler: ({ user, t }) => {
        if (!user) throw new Forbidden(t)
        return Response.json({ email: user.email, name: user.name })
      },
    },
  ],
})
const payload = await getPayload({ config })
for (const { email, name, password } of people)
  await payload.create({ collection: 'users', data: { email, name, password } })
serve({ port, hostname: '127.0.0.1', fetch: (request) => handleEndpoints({ config, request: request.clone() }) }, ready)
