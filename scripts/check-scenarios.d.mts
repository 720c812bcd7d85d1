export const SECTIONS: Readonly<Record<string, readonly string[]>>
export function namesIn(file: string): Set<string>
export function wrongScenarios(root: string): string[]
export function numberedNames(root: string): string[]
