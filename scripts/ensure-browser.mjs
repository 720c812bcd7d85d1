// Makes sure that there is a Chromium for the browser tests: installs Debian's where that is possible, else says what to do.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export const findBrowser = () => places.find((place) => place && existsSync(place))

if (!findBrowser()) {
  const root = process.getuid?.() === 0
  const run = (...words) =>
    spawnSync('apt-get', words, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
      .status === 0
  const done =
    root &&
    existsSync('/usr/bin/apt-get') &&
    run('update') &&
    run('install', '-y', '--no-install-recommends', 'chromium')
  if (!done || !findBrowser()) {
    console.error(
      'The browser tests need Chromium, and there is none here.\n' +
        'On Debian or Ubuntu: sudo apt-get install chromium. Elsewhere install Chromium or Chrome and set the\n' +
        'environment variable CHROMIUM to the path of its program.',
    )
    process.exit(1)
  }
}
