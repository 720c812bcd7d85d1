import { engineScenarios } from './engine-scenarios.ts'
import { firefoxEngine } from './harness.ts'

engineScenarios(firefoxEngine, { cookieStore: true, largeCookie: false, backForwardCache: true, retries: 0 })
