import { defineCase } from '../case.ts'
import { different, isError, isStatus, lacks, matches, same } from '../expect.ts'
import { account, anyTime, confirmation, freeMail } from '../needs.ts'
import { newCredentials, type Target } from '../target.ts'

const needs = [confirmation, freeMail]
const taken = [confirmation, freeMail, account]
/** A server writes to one address once a minute. */
const untilNextMail = 61

const signUp = (server: Target, body: object) => isStatus(server.post('/signup', body), 200)

/** Signs up with the address of somebody else. */
const signUpAsAccount = (server: Target) =>
  signUp(server, { ...newCredentials(), email: server.facts.account?.email, data: { name: 'Ada' } })

/** A server that wants an address confirmed before anybody signs in with it. */
export const confirmationFirst = [
  defineCase('S03a', 'a sign-up is answered with the bare user', needs, async (server) => {
    const credentials = newCredentials()
    const { body } = await signUp(server, credentials)
    same([body.email, body.role, body.identities.length], [credentials.email, 'authenticated', 1], 'the user')
    lacks(body, ['access_token', 'refresh_token', 'user'], 'body')
  }),
  defineCase('S03b', 'the user has confirmation_sent_at and is not confirmed', needs, async (server) => {
    const { body } = await signUp(server, newCredentials())
    matches(body.confirmation_sent_at, /^\d{4}-\d\d-\d\dT/, 'confirmation_sent_at')
    lacks(body, ['confirmed_at', 'email_confirmed_at', 'last_sign_in_at'], 'body')
  }),
  defineCase('S03c', 'signing in is refused until then', needs, async (server) => {
    const credentials = newCredentials()
    await signUp(server, credentials)
    await isError(server.signIn(credentials), 400, 'email_not_confirmed', 'Email not confirmed')
  }),
  defineCase('L07', 'a wrong password is noticed before the missing confirmation', needs, async (server) => {
    const { email } = newCredentials()
    await signUp(server, { ...newCredentials(), email })
    await isError(server.signIn({ email, password: 'wrong-password' }), 400, 'invalid_credentials')
  }),
  defineCase('S04a', 'a confirmed address is answered with a user that does not exist', taken, async (server) => {
    const { body } = await signUpAsAccount(server)
    same([body.identities, body.role, body.email], [[], '', server.facts.account?.email], 'identities, role, email')
  }),
  defineCase('S04b', 'that user has another id than the real one', taken, async (server) => {
    const { body } = await signUpAsAccount(server)
    different(body.id, (await server.session()).userId, 'id')
  }),
  defineCase('S04c', 'that user was never confirmed and never signed in', taken, async (server) => {
    lacks((await signUpAsAccount(server)).body, ['confirmed_at', 'last_sign_in_at', 'access_token'], 'body')
  }),
  defineCase('S04d', 'that user has the metadata of the request', taken, async (server) => {
    same((await signUpAsAccount(server)).body.user_metadata.name, 'Ada', 'user_metadata.name')
  }),
  defineCase('S04e', 'the real password is not changed by it', taken, async (server) => {
    await signUpAsAccount(server)
    await server.session()
  }),
  defineCase(
    'S04f',
    'an unconfirmed address is answered with the user that exists',
    [...needs, anyTime(untilNextMail)],
    async (server) => {
      const credentials = newCredentials()
      const first = await signUp(server, credentials)
      await server.wait(untilNextMail)
      same((await signUp(server, credentials)).body.id, first.body.id, 'id')
    },
  ),
  defineCase(
    'S04g',
    'the password of that user is not changed by it',
    [...needs, anyTime(untilNextMail)],
    async (server) => {
      const { email, password } = newCredentials()
      await signUp(server, { email, password })
      await server.wait(untilNextMail)
      await signUp(server, { email, password: 'another-password' })
      await isError(server.signIn({ email, password: 'another-password' }), 400, 'invalid_credentials')
      await isError(server.signIn({ email, password }), 400, 'email_not_confirmed')
    },
  ),
]
