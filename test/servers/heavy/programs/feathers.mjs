// Feathers 5: authentication with a password, which gives an access token and nothing to renew it with.
import { randomBytes } from 'node:crypto'
import { AuthenticationService, authenticate, JWTStrategy } from '@feathersjs/authentication'
import { hooks, LocalStrategy } from '@feathersjs/authentication-local'
import express, { cors, errorHandler, json, rest } from '@feathersjs/express'
import { feathers } from '@feathersjs/feathers'
import { MemoryService } from '@feathersjs/memory'
import { accessLife, people, port, profile, ready } from '../../harness/setting.mjs'

const app = express(feathers())
app.set('authentication', {
  secret: randomBytes(32).toString('hex'),
  entity: 'user',
  service: 'users',
  authStrategies: ['jwt', 'local'],
  jwtOptions: { expiresIn: `${accessLife}s` },
  local: { usernameField: 'email', passwordField: 'password' },
})
app.use(cors(), json())
app.configure(rest())

const authentication = new AuthenticationService(app)
authentication.register('jwt', new JWTStrategy())
authentication.register('local', new LocalStrategy())
app.use('authentication', authentication)
app.use('users', new MemoryService({ id: 'id' }))
app.service('users').hooks({
  before: {
    find: [authenticate('jwt')],
    get: [authenticate('jwt')],
    create: [hooks.hashPassword('password')],
  },
  after: { all: [hooks.protect('password')] },
})
app.use('api/echo', { find: async ({ user }) => profile(user) })
app.service('api/echo').hooks({ before: { find: [authenticate('jwt')] } })
app.use(errorHandler({ html: false, logger: false }))

for (const { email, name, password } of people)
  await app.service('users').create({ id: name.toLowerCase(), email, name, password })
await app.listen(port, '127.0.0.1')
ready()
