import type { Page } from 'playwright-core'
import { build } from 'vite'

/** One origin that needs no server: pages on it may use camera and microphone. */
const ORIGIN = 'http://localhost:1'

/** A script and its styles as one page would load them; `entry`: an absolute path. */
export interface Bundle {
  script: string
  styles: string
}

export async function bundle(entry: string): Promise<Bundle> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { write: false, minify: false, target: 'es2023', lib: { entry, formats: ['es'], fileName: 'page' } },
  })
  const outputs = [built].flat().flatMap((one) => ('output' in one ? one.output : []))
  const texts = (end: string) =>
    outputs
      .filter(({ fileName }) => fileName.endsWith(end))
      .map((one) => String(one.type === 'chunk' ? one.code : one.source))
  return { script: texts('js').join('\n'), styles: texts('css').join('\n') }
}

/** Opens a page in which the bundle has run. */
export async function openBundle(page: Page, { script, styles }: Bundle): Promise<void> {
  await page.route(`${ORIGIN}/**`, (route) =>
    route.fulfill(
      new URL(route.request().url()).pathname === '/page.js'
        ? { contentType: 'text/javascript', body: script }
        : {
            contentType: 'text/html',
            body: `<!doctype html><html lang="en"><title>Page</title><style>${styles}</style><body>
              <main id="app"></main><script type="module" src="/page.js"></script></body></html>`,
          },
    ),
  )
  await page.goto(`${ORIGIN}/`)
}
