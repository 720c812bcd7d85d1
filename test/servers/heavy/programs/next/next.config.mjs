// Its tests are in TypeScript's hands elsewhere. The folder is its own root, whatever lock files lie above.
export default {
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: import.meta.dirname },
  outputFileTracingRoot: import.meta.dirname,
}
