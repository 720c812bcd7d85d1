export type DatabaseName = 'redis' | 'postgres'

export interface Database {
  readonly port: number
  readonly url: string
  readonly pid: number | undefined
  restart(between?: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

export const find: Readonly<Record<DatabaseName, () => string | null>>
export function skipped(): readonly DatabaseName[]
export function freePort(): Promise<number>
export function startRedis(args?: readonly string[]): Promise<Database>
export function startPostgres(settings?: Readonly<Record<string, string | number>>): Promise<Database>
