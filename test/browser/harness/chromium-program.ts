import { find } from '../../../scripts/browsers.mjs'

export const chromiumArgs: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP *.example.test 127.0.0.1',
]

export function chromiumPath(): string {
  const found = find.chromium()
  if (!found) throw new Error('No Chromium here: run `node scripts/ensure-browser.mjs`.')
  return found
}
