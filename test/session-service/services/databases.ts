import { skipped } from '../../../scripts/databases.mjs'

export const withoutRedis: boolean = skipped().includes('redis')
export const withoutPostgres: boolean = skipped().includes('postgres')
