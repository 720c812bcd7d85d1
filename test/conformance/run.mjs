// Entry of `npm run conformance`: loads the TypeScript of this folder through Vite, so nothing has to be built first.
import { runnerImport } from 'vite'

const { module } = await runnerImport(new URL('./cli.ts', import.meta.url).pathname, {
  configFile: false,
  logLevel: 'error',
})
process.exitCode = await module.main(process.argv.slice(2), (text) => process.stdout.write(text))
