export const MAY: Readonly<Record<string, readonly string[]>>
export function forbiddenImports(src: string): string[]
