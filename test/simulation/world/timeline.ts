/** What happened, for people to read. Lines are put together only when somebody wants to read them. */
export interface Timeline {
  note(who: string, ...what: unknown[]): void
  text(): string
}

type Line = readonly [at: number, who: string, what: readonly unknown[]]

const pad = (text: string, width: number): string => text.padEnd(width)

const show = (value: unknown): string => {
  if (value instanceof Error) {
    const { code, message } = value as Error & { code?: string }
    return `${code ?? value.name} (${message})`
  }
  return value instanceof Object ? JSON.stringify(value) : String(value)
}

/** Seconds with three digits after the point, or days and hours in front of them. */
export function timeOf(ms: number): string {
  const seconds = (ms % 3_600_000) / 1000
  const hours = Math.floor(ms / 3_600_000)
  return `${hours ? `${Math.floor(hours / 24)}d ${String(hours % 24).padStart(2)}h ` : ''}${seconds.toFixed(3).padStart(8)}`
}

export function createTimeline(elapsed: () => number): Timeline {
  const lines: Line[] = []
  return {
    note: (who, ...what) => void lines.push([elapsed(), who, what]),
    text: () =>
      lines
        .map(
          ([at, who, what]) =>
            `${timeOf(at)} s  ${pad(who, 8)} ${what
              .filter((part) => part !== '')
              .map(show)
              .join(' ')}`,
        )
        .join('\n'),
  }
}
