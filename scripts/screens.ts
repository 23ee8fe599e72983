import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { listen } from '../test/support/meeting-app.ts'
import { openBrowser, type Visitor, visit } from '../test/web/browser.ts'
import { caption, inside, joinAsGuest, joinAsUser, signIn, type } from '../test/web/meeting-pages.ts'
import { buildWebIfStale } from './build-web.ts'

// `npm run screens`: a picture of every page of the browser client, at desktop and at phone width, light and dark, in `web/screens`.

const FOLDER = join(import.meta.dirname, '..', 'web', 'screens')
const WIDTHS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const
const PUBLIC = { home: '/', 'sign-in': '/sign-in', 'sign-up': '/sign-up', 'forgot-password': '/forgot-password' }
const LINKED = { 'verify-email': '/verify-email', 'reset-password': '/reset-password', 'not-found': '/no/such/page' }
const OWN = { meetings: '/meetings', account: '/account', 'api-keys': '/account/api-keys' }

mkdirSync(FOLDER, { recursive: true })
await buildWebIfStale()
const ends: (() => unknown)[] = []
const t = { teardown: (end: () => unknown) => void ends.unshift(end) } as unknown as Test
try {
  await takeAll()
} finally {
  for (const end of ends) await end()
}
console.log(`Written to ${FOLDER}`)

async function takeAll(): Promise<void> {
  const app = await listen(t)
  const browser = await openBrowser(t)
  const host = await app.user('en')
  const code = await app.room(host)
  const someone = await visit(browser, app.base)
  for (const [name, path] of Object.entries({ ...PUBLIC, ...LINKED })) await take(someone.page, name, path)

  const owner = await visit(browser, app.base)
  await signIn(owner, host)
  for (const [name, path] of Object.entries(OWN)) await take(owner.page, name, path)
  await take(owner.page, 'meeting-settings', `/meetings/${code}`)
  await take(owner.page, 'meeting-audit', `/meetings/${code}/audit`)
  await take(someone.page, 'join', `/join/${code}`)

  await joinAsUser(owner, code, host)
  await inside(owner)
  const guest = await visit(browser, app.base)
  await joinAsGuest(guest, code, { name: 'Zoe', speaks: 'es' })
  await inside(guest)
  await talk(owner, guest)
  for (const { page } of [owner, guest]) await page.getByRole('button', { name: 'Camera on' }).click()
  await guest.page.waitForFunction(
    () => [...document.querySelectorAll('video')].filter((v) => v.videoWidth > 0).length > 1,
  )
  await shoot(guest.page, 'meeting-guest')

  await owner.page.getByRole('button', { name: 'Lock the room' }).click()
  await joinAsGuest(someone, code, { name: 'Max' })
  await someone.page.getByRole('heading', { name: 'Please wait' }).waitFor()
  await shoot(someone.page, 'lobby')
  await owner.page.getByText('Waiting at the door (1)').waitFor()
  await shoot(owner.page, 'meeting-host')
  await guest.page.getByRole('button', { name: 'Leave' }).click()
  await guest.page.getByText('You have left the meeting.').waitFor()
  await shoot(guest.page, 'meeting-over')
}

/** A few words in both directions. */
async function talk(owner: Visitor, guest: Visitor): Promise<void> {
  const lines: [Visitor, string][] = [
    [owner, 'Good morning. The meeting starts at nine.'],
    [guest, 'Buenos días. La reunión es muy importante.'],
    [owner, 'The new house is very big.'],
  ]
  for (const [speaker, text] of lines) {
    await type(speaker, text)
    await caption(speaker, text).waitFor()
  }
  await caption(guest, 'from English').nth(1).waitFor()
}

async function take(page: Page, name: string, path: string): Promise<void> {
  await page.goto(path)
  await page.locator('h1').waitFor()
  await shoot(page, name)
}

async function shoot(page: Page, name: string): Promise<void> {
  for (const [width, size] of Object.entries(WIDTHS)) {
    await page.setViewportSize(size)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const suffix = colorScheme === 'dark' ? '-dark' : ''
      await page.screenshot({ path: join(FOLDER, `${name}-${width}${suffix}.png`), fullPage: true })
    }
  }
  await page.setViewportSize(WIDTHS.desktop)
  await page.emulateMedia({ colorScheme: 'light' })
}
