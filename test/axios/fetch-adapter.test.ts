import { describe, expect, test } from 'vitest'
import { setStage } from '../http/stage.ts'
import { answerCases } from './answer-cases.ts'
import { createClient, failureOf } from './client.ts'
import { refreshCases } from './refresh-cases.ts'
import { repeatCases } from './repeat-cases.ts'
import { waitingCases } from './waiting-cases.ts'

describe('axios, fetch adapter', () => {
  refreshCases('fetch')
  repeatCases('fetch')
  answerCases('fetch')
  waitingCases('fetch')

  test('an async iterable that a transformRequest lets through is not repeated', async () => {
    const stage = await setStage()
    const client = createClient(stage, 'fetch', { transformRequest: [(data) => data] })
    stage.revokeTokens()
    async function* body() {
      yield Buffer.from('once')
    }
    const failure = await failureOf(client.post('/upload', body()))
    expect(failure).toMatchObject({ response: { status: 401 }, cause: { code: 'not_repeatable' } })
    expect(stage.net.requests.map((seen) => seen.body.toString())).toEqual(['once'])
  })
})
