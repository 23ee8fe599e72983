import type { Page } from 'playwright-core'
import type { SignedIn } from '../support/client.ts'
import type { Visitor } from './browser.ts'

export interface Guest {
  name: string
  speaks?: string
  reads?: string
}

/** Joins by the link, as somebody without an account. Resolves at the meeting or at its door. */
export async function joinAsGuest({ page }: Visitor, code: string, guest: Guest): Promise<void> {
  const { name, speaks = 'en', reads = speaks } = guest
  await page.goto(`/join/${code}`)
  await page.getByLabel('Your name').fill(name)
  await choose(page, speaks, reads)
}

/** The same as a user: the browser gets the user's cookies first. */
export async function joinAsUser(visitor: Visitor, code: string, user: SignedIn, speaks = 'en'): Promise<void> {
  await signIn(visitor, user)
  await visitor.page.goto(`/join/${code}`)
  await choose(visitor.page, speaks, speaks)
}

/** Gives the browser the cookies of a user. */
export async function signIn({ context }: Visitor, { email, password }: SignedIn): Promise<void> {
  const answer = await context.request.post('/api/v1/auth/login', { data: { email, password } })
  if (!answer.ok()) throw new Error(`login answered ${answer.status()}`)
}

async function choose(page: Page, speaks: string, reads: string): Promise<void> {
  await page.getByLabel('I speak').selectOption(speaks)
  await page.getByLabel('I read').selectOption(reads)
  await page.getByRole('button', { name: 'Join', exact: true }).click()
}

/** Inside, with a connection: the composer is there and nothing is said of connecting. */
export async function inside({ page }: Visitor): Promise<void> {
  await page.getByRole('button', { name: 'Send' }).waitFor()
  await page.getByText('Connecting …').waitFor({ state: 'hidden' })
}

export async function type({ page }: Visitor, text: string): Promise<void> {
  await page.getByLabel('Your message').fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

/** What is settled of what was said, oldest first. */
export function captionsOf({ page }: Visitor): Promise<string[]> {
  return page.getByRole('log').locator('.caption-text').allTextContents()
}

/** Waits for a settled caption. */
export function caption({ page }: Visitor, text: string | RegExp) {
  return page.getByRole('log').locator('.caption').filter({ hasText: text })
}
