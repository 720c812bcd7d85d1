// The three browsers that the tests drive: where their programs are, and which of them are not to be tested.
import { existsSync, readdirSync } from 'node:fs'

const firstOf = (...places) => places.find((place) => place && existsSync(place)) ?? null

function findWebKit() {
  const driver = firstOf(process.env.WEBKIT_DRIVER, '/usr/bin/WebKitWebDriver')
  // Not on the PATH. Debian has a folder for each processor, others have not.
  const libraries = ['/usr/libexec', '/usr/lib64', '/usr/lib']
  if (existsSync('/usr/lib')) libraries.push(...readdirSync('/usr/lib').map((name) => `/usr/lib/${name}`))
  const browser = firstOf(
    process.env.MINI_BROWSER,
    ...libraries.map((folder) => `${folder}/webkit2gtk-4.1/MiniBrowser`),
  )
  // It has no mode without a screen.
  const screen = firstOf(process.env.XVFB, '/usr/bin/Xvfb')
  return driver && browser && screen ? { driver, browser, screen } : null
}

export const find = {
  chromium: () =>
    firstOf(process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'),
  firefox: () => firstOf(process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'),
  webkit: findWebKit,
}

/** Those that the environment variable SKIP_BROWSERS leaves out, as in `firefox,webkit`. Chromium is always tested. */
export function skipped() {
  const named = process.env.SKIP_BROWSERS?.split(/[\s,]+/).filter(Boolean) ?? []
  const wrong = named.find((name) => name !== 'firefox' && name !== 'webkit')
  if (wrong) throw new Error(`SKIP_BROWSERS can name firefox and webkit, not ${wrong}.`)
  return named
}
