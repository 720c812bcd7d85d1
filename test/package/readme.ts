/** The code in README.md, made into files that a compiler takes. */

export interface Block {
  readonly file: string
  readonly text: string
}

/**
 * Every `ts` and `tsx` block. A block that begins with the name of a file, as in `// auth.ts`, becomes that file, so
 * that others can import it; the rest are numbered. Relative imports get an extension, which NodeNext asks for and
 * bundlers allow.
 */
export function codeBlocks(markdown: string): Block[] {
  const blocks = [...markdown.matchAll(/^```(tsx?)\n(.*?)^```$/gms)]
  return blocks.map(([, extension, text = ''], index) => ({
    file: /^\/\/ ([\w.-]+\.tsx?)\n/.exec(text)?.[1] ?? `block-${index + 1}.${extension}`,
    // A file without import or export would share its names with the others.
    text: `${text.replace(/( from '\.\/[\w-]+)'/g, "$1.js'")}\nexport {}\n`,
  }))
}

/** What the blocks after the quick start take as given: things that are the app's own, and its test runner. */
export const prelude = `
declare const auth: import('keyturn').Auth<User, import('keyturn').PasswordCredentials>
declare const api: import('axios').AxiosInstance
interface User { id: string; name: string }
declare function Spinner(): import('react').ReactNode
declare function SignIn(): import('react').ReactNode
declare function Dashboard(): import('react').ReactNode
declare function App(): import('react').ReactNode
declare const redis: {
  get(key: string): Promise<string | null>
  set(key: string, value: string, options: { PX: number; NX?: true }): Promise<string | null>
  del(key: string): Promise<number>
}
declare function navigate(path: string, options?: { replace: boolean }): void
declare function toast(text: string): void
interface ImportMeta { readonly env: { readonly VITE_API_URL: string } }
declare module 'vitest' {
  export function test(name: string, run: () => unknown): void
  export interface Matchers<T> { toBe(other: unknown): T; toEqual(other: unknown): T }
  export const expect: { (value: unknown): Matchers<void>; extend(matchers: object): void }
  export function afterEach(run: () => unknown): void
  export function beforeAll(run: () => unknown): void
  export function afterAll(run: () => unknown): void
}
`
