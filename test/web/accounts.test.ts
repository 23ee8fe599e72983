import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type { AppServices } from '../../app-services.ts'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../../services/passwords/policy.ts'
import { deviceNameOf } from '../../web/src/pages/account/device-name.ts'
import { destinationOf } from '../../web/src/pages/destination.ts'
import * as rule from '../../web/src/pages/password-rule.ts'
import { signUp } from '../support/client.ts'
import { listen } from '../support/meeting-app.ts'
import { partsOf } from '../support/mime.ts'
import { openBrowser, seriousIssues, visit } from './browser.ts'

interface Account {
  email: string
  password: string
}

const PHONE = { viewport: { width: 360, height: 740 } }

/** The server, and the links that it sends by mail, as paths. */
async function serve(t: Test, config: Parameters<typeof listen>[1] = {}) {
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

async function signIn(page: Page, { email, password }: Account): Promise<void> {
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
const section = (page: Page, name: string) => page.getByRole('region', { name })
const wrongFields = (page: Page) =>
  page.locator('[aria-invalid="true"]').evaluateAll((fields) => fields.map((field) => field.getAttribute('name')))
const codeOf = (secret: string, at = Date.now()) =>
  new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) }).generate({ timestamp: at })

t.test('accounts in the browser', async (t) => {
  const server = await serve(t)
  const browser = await openBrowser(t)
  const newAccount = (): Promise<Account> => signUp(server.base)

  await t.test('what is wrong is told beside its field; then one signs up, in, stays, and signs out', async (t) => {
    const { page, context, complaints } = await visit(browser, server.base, PHONE)
    await page.goto('/sign-up?to=/account')
    await heading(page, 'Create an account')
    const create = page.getByRole('button', { name: 'Create the account' })
    await create.click()
    await page.getByText('Please check what you have filled in.').waitFor()
    t.strictSame(await wrongFields(page), ['full_name', 'email', 'password', 'accepted_terms'])
    t.equal(await page.locator(':focus').getAttribute('name'), 'full_name')
    t.strictSame(await seriousIssues(page), [])

    const account = { email: `${randomUUID()}@example.org`, password: 'correct horse battery' }
    await page.getByLabel('Name').fill('Ana Pérez')
    await page.getByLabel('E-mail address').fill('nobody')
    await page.getByLabel('Password', { exact: true }).fill('short')
    await page.getByLabel('I accept').check()
    await create.click()
    await page.getByText('This is no e-mail address.').waitFor()
    await page.getByText('At least 12 characters, please.').waitFor()
    t.strictSame(await wrongFields(page), ['email', 'password'])
    await page.getByLabel('E-mail address').fill(account.email)
    await page.getByLabel('Password', { exact: true }).fill('password1234')
    await create.click()
    await page.getByText('This password is too common.').waitFor()
    t.equal(await page.locator(':focus').getAttribute('name'), 'password')
    await page.getByLabel('Password', { exact: true }).fill(account.password)
    await create.click()
    await page.getByText(`We have sent a mail to ${account.email}.`).waitFor()
    t.strictSame(await seriousIssues(page), [])

    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
    await heading(page, 'Sign in')
    await signIn(page, { ...account, password: 'something else' })
    await page.getByText('The address, the password or the code is wrong.').waitFor()
    t.strictSame(await seriousIssues(page), [])
    await signIn(page, account)
    await heading(page, 'Your account')
    t.equal(new URL(page.url()).pathname, '/account')

    await page.reload()
    await page.getByText(account.email).waitFor()
    const visible = await page.evaluate(() =>
      JSON.stringify({ ...localStorage, ...sessionStorage, seen: document.cookie }),
    )
    t.notMatch(visible, /eyJ/, 'no access token')
    t.notMatch(visible, 'refresh')
    const refresh = (await context.cookies()).find(({ name }) => name === '__Host-refresh')
    t.match(refresh, { httpOnly: true, secure: true, sameSite: 'Strict', path: '/' })

    await page.getByRole('button', { name: 'Sign out', exact: true }).first().click()
    await heading(page, 'Sign in')
    await page.reload()
    await page.getByRole('navigation').getByRole('link', { name: 'Sign in' }).waitFor()
    t.strictSame(await context.cookies(), [])
    t.strictSame(complaints, [])
  })

  await t.test('a forgotten password is replaced with the link from the mail, once', async (t) => {
    const account = await newAccount()
    const { page, complaints } = await visit(browser, server.base, { colorScheme: 'dark' })
    await page.goto('/sign-in')
    await page.getByRole('link', { name: 'Forgot your password?' }).click()
    await heading(page, 'Forgot your password?')
    await page.getByLabel('E-mail address').fill(account.email)
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.getByText('a mail is on its way').waitFor()
    t.strictSame(await seriousIssues(page), [])

    const link = await server.linkTo(account.email)
    await page.goto(link)
    await heading(page, 'Choose a new password')
    t.equal(page.url(), `${server.base}/reset-password`)
    await page.getByLabel('New password').fill('another good phrase')
    t.strictSame(await seriousIssues(page), [])
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByText('Your password is changed').waitFor()
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
    await signIn(page, { ...account, password: 'another good phrase' })
    await heading(page, 'Meetings')

    await page.goto(link)
    await page.getByLabel('New password').fill('and yet another phrase')
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByText('This link does not work any more').waitFor()
    await page.getByRole('link', { name: 'Ask for a new link' }).waitFor()
    t.strictSame(complaints, [])
  })

  await t.test('with two factors signing in takes a code too', async (t) => {
    const account = await newAccount()
    const { page, complaints } = await visit(browser, server.base)
    await page.goto('/account')
    await signIn(page, account)
    const twoFactor = section(page, 'Two-factor authentication')
    await twoFactor.getByLabel('Password').fill('something else')
    await twoFactor.getByRole('button', { name: 'Set up' }).click()
    await page.getByText('This is not your password.').waitFor()
    await twoFactor.getByLabel('Password').fill(account.password)
    await twoFactor.getByRole('button', { name: 'Set up' }).click()
    await page.getByRole('img', { name: 'QR code' }).waitFor()
    t.strictSame(await seriousIssues(page), [])
    const secret = await twoFactor.locator('code').innerText()
    await twoFactor.getByRole('textbox', { name: 'Code' }).fill('000000')
    await twoFactor.getByRole('button', { name: 'Turn on' }).click()
    await page.getByText('The code is wrong').waitFor()
    const confirmedAt = Date.now()
    await twoFactor.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret, confirmedAt))
    await twoFactor.getByRole('button', { name: 'Turn on' }).click()
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
    const [recoveryCode = ''] = await twoFactor.locator('li').allInnerTexts()
    t.equal(await twoFactor.locator('li').count(), 10)
    t.strictSame(await seriousIssues(page), [])
    await twoFactor.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByText('It is on').waitFor()

    await page.getByRole('button', { name: 'Sign out', exact: true }).first().click()
    await heading(page, 'Sign in')
    await signIn(page, account)
    await page.getByText(`Signing in as ${account.email} takes a code too.`).waitFor()
    t.equal(await page.locator(':focus').getAttribute('name'), 'totp')
    await page.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret, confirmedAt))
    await page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('The code is wrong, or was used already.').waitFor()
    t.strictSame(await seriousIssues(page), [])
    // The code of the next period: the one before was used up.
    await page.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret, confirmedAt + 30_000))
    await page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true }).click()
    await heading(page, 'Meetings')

    await page.goto('/account')
    await twoFactor.getByLabel('Password').fill(account.password)
    await twoFactor.getByRole('textbox', { name: 'Code' }).fill(recoveryCode)
    await twoFactor.getByRole('button', { name: 'Turn off' }).click()
    await twoFactor.getByRole('button', { name: 'Set up' }).waitFor()
    t.strictSame(complaints, [])
  })

  await t.test('profile, password, data and the end of the account', async (t) => {
    const account = await newAccount()
    const { page, complaints } = await visit(browser, server.base, { ...PHONE, colorScheme: 'dark' })
    await page.goto('/account')
    await signIn(page, account)
    const profile = section(page, 'Profile')
    await profile.getByLabel('Name').fill('Ana <b>')
    await profile.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Please use plain text').waitFor()
    await profile.getByLabel('Name').fill('Ana María')
    await profile.getByLabel('You speak').selectOption('es')
    await profile.getByLabel('You read and hear').selectOption('fr')
    await profile.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    t.strictSame(await seriousIssues(page), [])
    t.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than a phone')
    await page.reload()
    await profile.waitFor()
    t.equal(await profile.getByLabel('Name').inputValue(), 'Ana María')
    t.equal(await profile.getByLabel('You speak').inputValue(), 'es')
    t.equal(await profile.getByLabel('You read and hear').inputValue(), 'fr')

    const change = section(page, 'Password')
    await change.getByLabel('Current password').fill('something else')
    await change.getByLabel('New password').fill('another good phrase')
    await change.getByRole('button', { name: 'Change the password' }).click()
    await change.getByText('This is not your password.').waitFor()
    await change.getByLabel('Current password').fill(account.password)
    await change.getByRole('button', { name: 'Change the password' }).click()
    await change.getByText('Your password is changed.').waitFor()

    const downloading = page.waitForEvent('download')
    await section(page, 'Your data').getByRole('button').click()
    const file = await downloading
    t.equal(file.suggestedFilename(), 'fluentmeet-export.json')
    t.match(JSON.parse(await readFile(await file.path(), 'utf8')), { account: { email: account.email } })

    await page.getByRole('button', { name: 'Delete my account …' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete the account' })
    await dialog.getByRole('button', { name: 'for good' }).click()
    t.strictSame(await wrongFields(page), ['password', 'sure'])
    t.strictSame(await seriousIssues(page), [])
    await dialog.getByLabel('Password').fill('another good phrase')
    await dialog.getByLabel('Yes').check()
    await dialog.getByRole('button', { name: 'for good' }).click()
    await page.getByText('Your account is deleted.').waitFor()
    await signIn(page, { ...account, password: 'another good phrase' })
    await page.getByText('The address, the password or the code is wrong.').waitFor()
    t.strictSame(complaints, [])
  })

  await t.test('sessions are listed and ended, one and all', async (t) => {
    const account = await newAccount()
    const [one, other] = [await visit(browser, server.base), await visit(browser, server.base)]
    for (const { page } of [other, one]) {
      await page.goto('/account')
      await signIn(page, account)
      await heading(page, 'Your account')
    }
    const sessions = section(one.page, 'Where you are signed in')
    await sessions.getByText('This device').waitFor()
    t.equal(await sessions.getByRole('listitem').count(), 2)
    t.match(await sessions.getByRole('listitem').first().innerText(), 'Chrome on Linux')
    t.strictSame(await seriousIssues(one.page), [])
    await sessions.getByRole('button', { name: 'Sign out: Chrome' }).click()
    await one.page.getByText('That device is signed out.').waitFor()
    t.equal(await sessions.getByRole('listitem').count(), 1)
    await other.page.getByRole('button', { name: 'Save' }).click()
    await heading(other.page, 'Sign in')

    await sessions.getByRole('button', { name: 'Sign out everywhere' }).click()
    await heading(one.page, 'Sign in')
    t.strictSame([...one.complaints, ...other.complaints], [])
  })

  await t.test('tabs share who is signed in, and renew at the same time', async (t) => {
    const account = await newAccount()
    const { page, context, complaints } = await visit(browser, server.base)
    await page.goto('/account')
    await signIn(page, account)
    await heading(page, 'Your account')
    const tab = await context.newPage()
    await tab.goto(`${server.base}/account`)
    for (const _round of [1, 2, 3]) await Promise.all([page.reload(), tab.reload()])
    for (const each of [page, tab]) await each.getByText(account.email).waitFor()
    await tab.getByRole('button', { name: 'Sign out', exact: true }).first().click()
    await heading(page, 'Sign in')
    t.strictSame(complaints, [])
  })

  await t.test('the pages speak the language of the browser', async (t) => {
    const { page, complaints } = await visit(browser, server.base, { locale: 'es-ES' })
    await page.goto('/sign-up')
    await heading(page, 'Crear una cuenta')
    await page.getByRole('button', { name: 'Crear la cuenta' }).click()
    t.equal(await page.getByText('Rellena este campo.').count(), 4)
    t.equal(await page.getByLabel('Tu idioma').inputValue(), 'es')
    await page.goto('/verify-email')
    await heading(page, 'Confirma tu dirección')
    t.strictSame(await seriousIssues(page), [])
    t.strictSame(complaints, [])
  })
})

t.test('where addresses must be proved, signing in waits for the link', async (t) => {
  const server = await serve(t, { requireEmailVerification: true })
  const browser = await openBrowser(t)
  const account = await signUp(server.base)
  const { page, complaints } = await visit(browser, server.base)
  await page.goto('/sign-in')
  await signIn(page, account)
  await page.getByText('Please confirm your address first').waitFor()
  await page.getByRole('link', { name: 'Send the mail again' }).click()
  await heading(page, 'Confirm your address')
  await page.getByLabel('E-mail address').fill(account.email)
  await page.getByRole('button', { name: 'Send the mail again' }).click()
  await page.getByText('a mail is on its way').waitFor()

  // Opened where the page is open already: nothing is loaded.
  const link = await server.linkTo(account.email)
  await page.goto(link)
  await page.getByText('Your address is confirmed.').waitFor()
  t.equal(page.url(), `${server.base}/verify-email`)
  t.strictSame(await seriousIssues(page), [])
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
  await signIn(page, account)
  await heading(page, 'Meetings')

  await page.goto('/')
  await page.goto(link)
  await page.getByText('This link does not work any more').waitFor()
  t.strictSame(complaints, [])
})

t.test('signing in leads to paths of this site only', async (t) => {
  const origin = 'https://meet.example.org'
  const cases: [string | undefined, string][] = [
    ['/account', '/account'],
    ['/join/abc?x=1#y', '/join/abc?x=1#y'],
    [undefined, '/meetings'],
    ['', '/meetings'],
    ['account', '/meetings'],
    ['https://example.org/', '/meetings'],
    [`${origin}/account`, '/meetings'],
    ['//example.org', '/meetings'],
    ['/\\example.org', '/meetings'],
    ['/\t/example.org', '/meetings'],
    ['/.//example.org', '/meetings'],
    ['javascript:alert(1)', '/meetings'],
  ]
  for (const [to, expected] of cases) t.equal(destinationOf(to, origin), expected, String(to))
})

t.test('devices have the names that people know', async (t) => {
  const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
  const cases: [string, string | null][] = [
    [`Mozilla/5.0 (X11; Linux x86_64) ${chrome}`, 'Chrome Linux'],
    [`Mozilla/5.0 (Linux; Android 15) ${chrome}`, 'Chrome Android'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Edg/140.0.0.0`, 'Edge Windows'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15',
      'Safari macOS',
    ],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 FxiOS/130.0', 'Firefox iOS'],
    ['curl/8.0', null],
    ['', null],
  ]
  for (const [userAgent, expected] of cases) {
    const name = deviceNameOf(userAgent)
    t.equal(name && `${name.browser} ${name.system}`, expected, userAgent)
  }
})

t.test('the pages ask for the length of password that the server asks for', async (t) => {
  t.strictSame({ ...rule }, { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH })
})
