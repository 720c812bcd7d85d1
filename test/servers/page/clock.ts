const realNow = Date.now
/** Tabs have one device, so they have one clock: also after a reload. */
const stored = (key: string): number => Number(localStorage.getItem(key) ?? 0)
const loadedWith = stored('shift at reload')
const shift = (): number => Math.max(loadedWith, stored('shift'))
Date.now = () => realNow() + shift()

/** The device's clock jumps by `ms`; no timer runs sooner for it. */
export function jump(ms: number): void {
  localStorage.setItem('shift', String(shift() + ms))
}

/** The same for pages that are loaded from now on: those that are there do not act on it before they are reloaded. */
export function jumpAtReload(ms: number): void {
  localStorage.setItem('shift at reload', String(shift() + ms))
}
