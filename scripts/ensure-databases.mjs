// Makes sure that there are the databases for the tests of the session service: installs Debian's where that is possible, else
// says what to do.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { find, skipped } from './databases.mjs'

const packages = { redis: ['redis-server'], postgres: ['postgresql'] }
const variables = {
  redis: 'REDIS_SERVER (the program)',
  postgres: 'POSTGRES_BIN (the folder with initdb and postgres)',
}

const left = skipped()
const missing = () => Object.keys(find).filter((name) => !left.includes(name) && !find[name]())
const debian = (names) => names.flatMap((name) => packages[name])

function install(names) {
  // Runlevel 1: Debian's scripts then start no server of the system. The tests start their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const run = (...words) => spawnSync('apt-get', words, { stdio: 'inherit', env }).status === 0
  return run('update') && run('install', '-y', '--no-install-recommends', ...debian(names))
}

if (missing().length && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) install(missing())

const still = missing()
if (still.length) {
  console.error(
    `The tests of the session service need ${still.join(' and ')}, and there is none here.\n` +
      `On Debian or Ubuntu: sudo apt-get install ${debian(still).join(' ')}. Elsewhere install them, and set the environment\n` +
      `variables ${still.map((name) => variables[name]).join('; ')}.\n` +
      `To test without: SKIP_DATABASES=${[...left, ...still].join(',')} npm test. What is left out is listed as skipped.`,
  )
  process.exit(1)
}
if (left.length) console.error(`NOT TESTED, as SKIP_DATABASES says: ${left.join(', ')}.`)
