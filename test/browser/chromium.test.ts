import { engineScenarios } from './engine-scenarios.ts'
import { chromiumEngine } from './harness.ts'

engineScenarios(chromiumEngine, { cookieStore: true, largeCookie: false, backForwardCache: false, retries: 0 })
