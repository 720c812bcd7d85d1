/** Calls `run` after `ms`, at most 2^31 - 1. Returns the way back. */
export function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, Math.min(ms, 2 ** 31 - 1))
  return () => clearTimeout(timer)
}
