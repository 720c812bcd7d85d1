const realNow = Date.now
/** Tabs have one device, so they have one clock: also after a reload. */
const shift = (): number => Number(localStorage.getItem('shift') ?? 0)
Date.now = () => realNow() + shift()

/** The device's clock jumps by `ms`; no timer runs sooner for it. */
export function jump(ms: number): void {
  localStorage.setItem('shift', String(shift() + ms))
}
