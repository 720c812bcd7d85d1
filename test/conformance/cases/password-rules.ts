import { defineCase } from '../case.ts'
import { isError, isStatus, same } from '../expect.ts'
import {
  currentPassword,
  freshAccount,
  leakedPassword,
  passwordSets,
  reauthentication,
  signUp,
  time,
  weakAccount,
} from '../needs.ts'
import { newCredentials, type Target } from '../target.ts'
import { day } from './words.ts'

const another = 'another-password-1'
const characters = /Password should contain at least one character of each: /
const guessable = 'Password is known to be weak and easy to guess, please choose a different one.'

/** A session that began more than a day ago, with a fresh access token. */
async function oldSession(server: Target): Promise<string> {
  const { refreshToken } = await server.ownSession()
  await server.wait(day + 60)
  return (await isStatus(server.refresh(refreshToken), 200)).body.access_token
}

const aged = [freshAccount, reauthentication, time(day + 60)]

/** Servers that ask more of a password, or of somebody who changes it. */
export const passwordRules = [
  defineCase('P01', 'a password without a digit', [signUp, passwordSets], async ({ post }) => {
    const sent = post('/signup', { ...newCredentials(), password: 'only-letters-here' })
    const { body } = await isError(sent, 422, 'weak_password', characters)
    same(body.weak_password.reasons, ['characters'], 'reasons')
  }),
  defineCase('P02', 'a password that is too short and has no digit', [signUp, passwordSets], async ({ post }) => {
    const sent = post('/signup', { ...newCredentials(), password: 'abc' })
    const { body } = await isError(sent, 422, 'weak_password', /^Password should be at least \d+ characters\. .*each: /)
    same(body.weak_password.reasons, ['length', 'characters'], 'reasons')
  }),
  defineCase('P03', 'a password that has leaked', [signUp, leakedPassword], async ({ post, facts }) => {
    const sent = post('/signup', { ...newCredentials(), password: facts.leakedPassword })
    const { body } = await isError(sent, 422, 'weak_password', guessable)
    same(body.weak_password.reasons, ['pwned'], 'reasons')
  }),
  defineCase('P04', 'an old password that is too weak by now: signed in, and told', [weakAccount], async (server) => {
    const { body } = await isStatus(server.signIn(server.facts.account), 200)
    same(body.weak_password?.reasons, ['characters'], 'weak_password.reasons')
  }),
  defineCase('P05', 'such a password is no trouble to a refresh', [weakAccount], async (server) => {
    const { body } = await isStatus(server.refresh((await server.sessionOf(weak(server))).refreshToken), 200)
    same('weak_password' in body, false, 'weak_password')
  }),
  defineCase('U26', 'a new password without the current one', [freshAccount, currentPassword], async (server) => {
    const { accessToken: bearer } = await server.ownSession()
    await isError(server.put('/user', { password: another }, { bearer }), 400, 'current_password_required')
  }),
  defineCase('U27', 'a new password with a wrong current one', [freshAccount, currentPassword], async (server) => {
    const { accessToken: bearer } = await server.ownSession()
    const body = { password: another, current_password: 'wrong-password' }
    await isError(server.put('/user', body, { bearer }), 400, 'current_password_invalid')
  }),
  defineCase('U28', 'a new password with the current one', [freshAccount, currentPassword], async (server) => {
    const { accessToken: bearer, password } = await server.ownSession()
    await isStatus(server.put('/user', { password: another, current_password: password }, { bearer }), 200)
  }),
  defineCase('U29', 'a new password in a session older than a day', aged, async (server) => {
    const bearer = await oldSession(server)
    await isError(server.put('/user', { password: another }, { bearer }), 400, 'reauthentication_needed')
  }),
  defineCase('U30', 'a new password with a wrong code', aged, async (server) => {
    const bearer = await oldSession(server)
    const message = 'Nonce has expired or is invalid'
    const body = { password: another, nonce: '000000' }
    await isError(server.put('/user', body, { bearer }), 422, 'reauthentication_not_valid', message)
  }),
  defineCase('U31', 'a new password in a younger session', [freshAccount, reauthentication], async (server) => {
    const { accessToken: bearer } = await server.ownSession()
    await isStatus(server.put('/user', { password: another }, { bearer }), 200)
  }),
]

const weak = ({ facts }: Target) => facts.account ?? newCredentials()
