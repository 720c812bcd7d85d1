/** What a person does with a page. Passing the pointer over it counts, as reading often looks like nothing else. */
const ACTS = 'keydown pointerdown pointermove wheel touchstart'

/** Calls `run` when somebody uses the page, or turns to it. Returns the way back. */
export function onActivity(run: () => void): () => void {
  const over = new AbortController()
  const options = { signal: over.signal, capture: true, passive: true }
  for (const act of ACTS.split(' ')) globalThis.addEventListener(act, run, options)
  const visible = () => {
    if (document.visibilityState === 'visible') run()
  }
  document.addEventListener('visibilitychange', visible, options)
  return () => over.abort()
}
