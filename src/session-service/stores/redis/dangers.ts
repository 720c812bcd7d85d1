/** What `INFO` tells of a Redis that may lose sessions, in words for the log. */
export function dangersOf(info: string): readonly string[] {
  const value = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const dangers: string[] = []
  if (value('aof_enabled') === '0')
    dangers.push(
      'Redis does not append to disk (appendonly no): when it restarts, people are signed out, and sign-outs since the last snapshot are undone. Set appendonly yes.',
    )
  const policy = value('maxmemory_policy')
  if (policy !== undefined && policy !== 'noeviction' && value('maxmemory') !== '0')
    dangers.push(
      `Redis throws keys away when its memory is full (${policy}): people may be signed out. Set noeviction.`,
    )
  if (value('role') === 'slave')
    dangers.push('This Redis is a replica: it cannot write. Give the address of the primary.')
  if (value('redis_mode') === 'cluster') dangers.push('This Redis is a cluster, for which this store is not made.')
  return dangers
}
