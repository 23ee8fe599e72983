import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import type { AppServices } from '../../app-services.ts'
import { listen } from '../support/meeting-app.ts'
import { partsOf } from '../support/mime.ts'

/** What somebody signs in with. */
export interface Account {
  email: string
  password: string
}

export const PHONE = { viewport: { width: 360, height: 740 } }

/** The server, and the links that it sends by mail, as paths. */
export async function serve(t: Test, config: Parameters<typeof listen>[1] = {}) {
  let services: AppServices | undefined
  const app = await listen(t, config, {
    extend: (instance) => {
      services = instance.services
    },
  })
  return {
    ...app,
    /** The newest mail to an address has a link: its path. */
    async linkTo(email: string): Promise<string> {
      if (!services) throw new Error('no services')
      await services.mailWorker.run()
      const files = (await readdir(services.outboxFolder)).sort().reverse()
      for (const file of files) {
        const mail = await readFile(join(services.outboxFolder, file), 'utf8')
        const link =
          mail.includes(`To: ${email}`) && /https?:\/\/[^/]+(\/[a-z-]+#token=\S+)/.exec(partsOf(mail)[0]?.body ?? '')
        if (link) return link[1] ?? ''
      }
      throw new Error(`no link for ${email}`)
    },
  }
}

/** Fills in the page that is open. */
export async function signIn(page: Page, { email, password }: Account): Promise<void> {
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
}

/** Waits for the page of that title. */
export const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
/** A part of the account page. */
export const section = (page: Page, name: string) => page.getByRole('region', { name })
/** The names of the fields that are marked as wrong. */
export const wrongFields = (page: Page) =>
  page.locator('[aria-invalid="true"]').evaluateAll((fields) => fields.map((field) => field.getAttribute('name')))
/** What an authenticator app shows for a secret. */
export const codeOf = (secret: string, at = Date.now()) =>
  new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) }).generate({ timestamp: at })
