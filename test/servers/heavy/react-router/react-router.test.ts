import { startBuiltApp } from '../../rendering/built-app.ts'
import { renderingSuite } from '../../rendering/suite.ts'

const app = {
  folder: 'react-router',
  build: ['node_modules/@react-router/dev/bin.js', 'build'],
  run: ['program.mjs'],
  ready: /^(ready)$/m,
}

renderingSuite('React Router in framework mode', (surroundings) => startBuiltApp(app, surroundings), 50)
