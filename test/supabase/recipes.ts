/** The code in the two recipes of `docs/`, made into files that run. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { codeBlocks } from '../package/readme.ts'

const root = join(import.meta.dirname, '../..')

export interface Recipe {
  readonly markdown: string
  /** The names of the files, in order. */
  readonly names: readonly string[]
  /** What the compiler says of all of them as one strict project; empty when it has nothing to complain about. */
  readonly compile: () => string
  /** Loads one of the files. */
  readonly load: <Module>(name: string) => Promise<Module>
  readonly remove: () => void
}

/** What the bundler of an app provides. */
const ENVIRONMENT = `
interface ImportMetaEnv { readonly VITE_SUPABASE_URL: string; readonly VITE_SUPABASE_ANON_KEY: string }
interface ImportMeta { readonly env: ImportMetaEnv }
`

/** A test within a test is not allowed, so the recipe's is handed out instead. */
const handOut = (text: string) =>
  text.replace(
    "import { expect, test } from 'vitest'",
    "import { expect } from 'vitest'\nexport let run: unknown\nconst test = (_: string, body: unknown) => void (run = body)",
  )

export function openRecipe(name: string): Recipe {
  const markdown = readFileSync(join(root, 'docs', name), 'utf8')
  const blocks = codeBlocks(markdown)
  // Within the project, where its packages are found.
  mkdirSync(join(root, '.tmp'), { recursive: true })
  const folder = mkdtempSync(join(root, '.tmp', 'recipe-'))
  for (const { file, text } of blocks) writeFileSync(join(folder, file), handOut(text))
  return {
    markdown,
    names: blocks.map(({ file }) => file),
    compile() {
      const project = join(folder, 'typed')
      mkdirSync(project)
      for (const { file, text } of blocks) writeFileSync(join(project, file), text)
      writeFileSync(join(project, 'environment.d.ts'), ENVIRONMENT)
      const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
      const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root)
      const files = [...blocks.map(({ file }) => file), 'environment.d.ts'].map((file) => join(project, file))
      const program = ts.createProgram(files, options)
      // What others are doing wrong in `src` is not the recipe's.
      const found = ts.getPreEmitDiagnostics(program).filter(({ file }) => file?.fileName.startsWith(project))
      return ts.formatDiagnostics(found, {
        getCanonicalFileName: (path) => path,
        getCurrentDirectory: () => project,
        getNewLine: () => '\n',
      })
    },
    load: (file) => import(/* @vite-ignore */ join(folder, file)),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** The members of an interface, or the texts of a union, in a source file. */
export function membersOf(file: string, name: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ES2022)
  return source.statements.flatMap((statement) => {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === name)
      return statement.members.flatMap((member) => member.name?.getText(source) ?? [])
    if (ts.isTypeAliasDeclaration(statement) && statement.name.text === name && ts.isUnionTypeNode(statement.type))
      return statement.type.types.flatMap((part) =>
        ts.isLiteralTypeNode(part) && ts.isStringLiteral(part.literal) ? part.literal.text : [],
      )
    return []
  })
}
