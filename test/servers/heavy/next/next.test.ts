import { startBuiltApp } from '../../rendering/built-app.ts'
import { renderingSuite } from '../../rendering/suite.ts'

const app = {
  folder: 'next',
  build: ['node_modules/next/dist/bin/next', 'build'],
  run: ['node_modules/next/dist/bin/next', 'start', '--hostname', '127.0.0.1', '--port', 'PORT'],
  ready: /(Ready in)/,
}

renderingSuite('Next.js with the App Router', (surroundings) => startBuiltApp(app, surroundings), 50)
