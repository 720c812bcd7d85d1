// @vitest-environment jsdom
import { describe } from 'vitest'
import { answerCases } from './answer-cases.ts'
import { refreshCases } from './refresh-cases.ts'
import { repeatCases } from './repeat-cases.ts'
import { waitingCases } from './waiting-cases.ts'

describe('axios, xhr adapter', () => {
  refreshCases('xhr')
  repeatCases('xhr')
  answerCases('xhr')
  waitingCases('xhr')
})
