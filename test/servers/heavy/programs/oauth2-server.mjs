// @node-oauth/oauth2-server: password grant and refresh tokens for a public client, over a model in memory.
import OAuth2Server from '@node-oauth/oauth2-server'
import express from 'express'
import { accessLife, people, port, profile, ready } from '../../harness/setting.mjs'

const client = { id: 'web-app', grants: ['password', 'refresh_token'] }
const accessTokens = new Map()
const refreshTokens = new Map()

const oauth = new OAuth2Server({
  model: {
    getClient: (id) => id === client.id && client,
    getUser: (email, password) => people.find((person) => person.email === email && person.password === password),
    saveToken(token, client, user) {
      const saved = { ...token, client, user }
      accessTokens.set(token.accessToken, saved)
      refreshTokens.set(token.refreshToken, saved)
      return saved
    },
    getAccessToken: (token) => accessTokens.get(token),
    getRefreshToken: (token) => refreshTokens.get(token),
    revokeToken: ({ refreshToken }) => refreshTokens.delete(refreshToken),
  },
  accessTokenLifetime: accessLife,
  requireClientAuthentication: { password: false, refresh_token: false },
})

/** Runs a part of the library, and answers as it says. */
const handle = (run) => async (request, response) => {
  const { Request, Response } = OAuth2Server
  const asked = new Request(request)
  const answer = new Response(response)
  try {
    const result = await run(asked, answer)
    response.set(answer.headers)
    response.status(answer.status ?? 200).json(result ?? answer.body)
  } catch (error) {
    response.set(answer.headers)
    response.status(error.code).json({ error: error.name, error_description: error.message })
  }
}

const app = express()
app.use(express.urlencoded(), express.json())
app.post(
  '/oauth/token',
  handle(async (request, response) => {
    await oauth.token(request, response)
    return response.body
  }),
)
app.all(
  '/api/echo',
  handle(async (request, response) => {
    const { user } = await oauth.authenticate(request, response)
    return { ...profile(user), body: request.body }
  }),
)
app.listen(port, '127.0.0.1', ready)
