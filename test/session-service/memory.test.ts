import { memoryStore } from 'keyturn/session-service'
import { contractSuite } from './contract-suite.ts'

contractSuite('memory', async () => memoryStore())
