import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type ConsoleMessage,
  chromium,
  type Page,
} from 'playwright-core'
import type { Test } from 'tap'
import { toPcm, writeWav } from '../../pipeline/wav.ts'
import { findProgram } from '../../scripts/setup/programs.ts'
import { dataFolder } from '../support/data-folder.ts'

export interface BrowserOptions {
  /** What the fake microphone hears, once: 16 kHz mono. Absent: beeps. */
  microphone?: Float32Array
}

/** Debian's Chromium, with a fake microphone and camera that nobody is asked about. Closed with the test. */
export async function openBrowser(t: Test, { microphone }: BrowserOptions = {}): Promise<Browser> {
  const executablePath = findProgram('chromium')
  if (!executablePath) throw new Error('chromium is not installed')
  const args = ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
  if (microphone) {
    const path = join(dataFolder(t), 'microphone.wav')
    writeFileSync(path, writeWav({ pcm: toPcm(microphone), sample_rate: 16_000 }))
    args.push(`--use-file-for-fake-audio-capture=${path}%noloop`)
  }
  const browser = await chromium.launch({ executablePath, args })
  t.teardown(() => browser.close())
  return browser
}

export interface Visitor {
  readonly context: BrowserContext
  readonly page: Page
  /** What the page complained of: console errors, exceptions, violations of the policy. Read it when all is done. */
  readonly complaints: string[]
}

/** Refused calls are told by the page itself: the browser's own line about them is no fault. A file that is missing is one. */
function isExpected(message: ConsoleMessage): boolean {
  const refused = /Failed to load resource: the server responded with a status of 4\d\d/.test(message.text())
  return refused && URL.parse(message.location().url)?.pathname.startsWith('/api/') === true
}

/** Somebody with a browser of its own. `base`: where paths begin. */
export async function visit(browser: Browser, base: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: base, locale: 'en-GB', ...options })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message)) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`),
    )
  })
  return { context, page, complaints }
}

/** What axe-core finds serious or critical on the page as it is. */
export async function seriousIssues(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${String(target)}: ${failureSummary}`))
}
