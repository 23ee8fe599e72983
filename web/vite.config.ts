import { defineConfig } from 'vite'

/** `npm run build:web` writes `web/dist`, which the server serves at `/`. Nothing is inlined: the pages' policy is `'self'`. */
export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
