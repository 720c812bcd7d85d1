import { describe } from 'vitest'
import { answerCases } from './answer-cases.ts'
import { refreshCases } from './refresh-cases.ts'
import { repeatCases } from './repeat-cases.ts'
import { waitingCases } from './waiting-cases.ts'

describe('axios, fetch adapter', () => {
  refreshCases('fetch')
  repeatCases('fetch')
  answerCases('fetch')
  waitingCases('fetch')
})
