/**
 * Node's `addEventListener` with a `signal` keeps what is to remove the listener by a weak reference. When two listeners
 * of one target have different signals, garbage collection takes that of the earlier one, and its listener stays for good
 * (nodejs/node issue 63954, in Node 20 to 26). No browser does that, and the kit runs in browsers; so here the option
 * works as the DOM standard says ("add an event listener", step 5). Returns the way back.
 */
export function holdSignalsStrongly(): () => void {
  const { prototype } = EventTarget
  const { addEventListener } = prototype
  prototype.addEventListener = function (this: EventTarget, type, listener, options) {
    const { signal, ...rest }: AddEventListenerOptions = options instanceof Object ? options : { capture: !!options }
    if (signal?.aborted) return
    addEventListener.call(this, type, listener, rest)
    const remove = (): void => this.removeEventListener(type, listener, rest)
    if (signal) addEventListener.call(signal, 'abort', remove, { once: true })
  }
  return () => {
    prototype.addEventListener = addEventListener
  }
}
