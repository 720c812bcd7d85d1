/** An address in full, and its origin; null for what is none, or has no origin of its own. */
export function resolve(url: string, base?: string): { readonly href: string; readonly origin: string } | null {
  try {
    const { href, origin } = new URL(url, base)
    return origin === 'null' ? null : { href, origin }
  } catch {
    return null
  }
}
