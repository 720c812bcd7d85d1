/** The code that the tour shows. */
import ts from 'typescript'
import { expect, test } from 'vitest'
import { stories } from '../../demo/app/src/stories/stories.ts'

test('each story has a sentence of its own and an address of its own', () => {
  expect(new Set(stories.map(({ sentence }) => sentence)).size).toBe(stories.length)
  expect(new Set(stories.map(({ path }) => path)).size).toBe(stories.length)
})

test('the code of each story is code', () => {
  for (const { path, code } of stories) {
    expect(code.length, path).toBeGreaterThan(0)
    for (const { name, text } of code) {
      const { diagnostics } = ts.transpileModule(text, {
        fileName: name,
        reportDiagnostics: true,
        compilerOptions: { jsx: ts.JsxEmit.ReactJSX, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
      })
      expect(
        diagnostics?.map(({ messageText }) => messageText),
        `${path} ${name}`,
      ).toEqual([])
      // What it imports is there, and nothing else is needed.
      for (const [, from] of text.matchAll(/ from '([^']+)'/g))
        expect(['axios', 'keyturn', 'keyturn/axios', 'keyturn/react', 'jwt-decode', 'react', './auth']).toContain(from)
    }
  }
})
