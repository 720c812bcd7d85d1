import { engineScenarios } from './engine-scenarios.ts'
import { webkitEngine } from './harness.ts'

engineScenarios(webkitEngine, { cookieStore: true, largeCookie: true, backForwardCache: true, retries: 2 })
