/** An address in full, and its origin; null for what is none, or has no origin of its own. */
export function resolve(url: string, base?: string): { readonly href: string; readonly origin: string } | null {
  try {
    const { href, origin } = new URL(url, base)
    return origin === 'null' ? null : { href, origin }
  } catch {
    return null
  }
}

/** Whether an origin is that of one of these addresses. The last one is not resolved anew: request after request asks for it. */
export function createOriginMatch(): (
  origin: string | undefined,
  addresses: readonly string[],
  base?: string,
) => boolean {
  let last: readonly [address?: string, base?: string | undefined, origin?: string | undefined] = []
  const originOf = (address: string, base: string | undefined) => {
    if (last[0] !== address || last[1] !== base) last = [address, base, resolve(address, base)?.origin]
    return last[2]
  }
  return (origin, addresses, base) => !!origin && addresses.some((address) => originOf(address, base) === origin)
}
