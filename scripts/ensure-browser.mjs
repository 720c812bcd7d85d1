// Makes sure that there are the browsers for the browser tests: installs Debian's where that is possible, else says what
// to do.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { find, skipped } from './browsers.mjs'

// MiniBrowser comes with the library that the driver depends on.
const packages = { chromium: ['chromium'], firefox: ['firefox-esr'], webkit: ['webkit2gtk-driver', 'xvfb'] }
const variables = { chromium: 'CHROMIUM', firefox: 'FIREFOX', webkit: 'WEBKIT_DRIVER, MINI_BROWSER and XVFB' }

const left = skipped()
const missing = () => Object.keys(find).filter((name) => !left.includes(name) && !find[name]())
const debian = (names) => names.flatMap((name) => packages[name])

function install(names) {
  const run = (...words) =>
    spawnSync('apt-get', words, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
      .status === 0
  return run('update') && run('install', '-y', '--no-install-recommends', ...debian(names))
}

if (missing().length && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) install(missing())

const still = missing()
if (still.length) {
  const optional = [...left, ...still.filter((name) => name !== 'chromium')]
  console.error(
    `The browser tests need ${still.join(', ')}, and there is no such browser here.\n` +
      `On Debian or Ubuntu: sudo apt-get install ${debian(still).join(' ')}. Elsewhere install what you can, and set the\n` +
      `environment variables ${still.map((name) => variables[name]).join('; ')} to the paths of the programs.`,
  )
  if (optional.length)
    console.error(
      `To test without: SKIP_BROWSERS=${optional.join(',')} npm test. What is left out is listed as skipped.`,
    )
  process.exit(1)
}
if (left.length) console.error(`NOT TESTED, as SKIP_BROWSERS says: ${left.join(', ')}.`)
