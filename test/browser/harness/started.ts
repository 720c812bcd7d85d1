const started: Array<() => unknown> = []

/** Remembers how to stop what a test has started. */
export const onStop = (stop: () => unknown): void => void started.push(stop)

/** Stops what has been started, the latest first. */
export async function stopAll(): Promise<void> {
  for (const stop of started.splice(0).reverse()) await stop()
}
