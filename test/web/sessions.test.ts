import type { Page, Route } from 'playwright-core'
import t from 'tap'
import { signUp } from '../support/client.ts'
import { type Account, heading, section, serve, signIn } from './account-steps.ts'
import { openBrowser, seriousIssues, visit } from './browser.ts'

t.test('sessions in the browser', async (t) => {
  const server = await serve(t)
  const browser = await openBrowser(t)
  const newAccount = (): Promise<Account> => signUp(server.base)

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

  await t.test('a server that is away signs nobody out, and nobody believes to be', async (t) => {
    const { page } = await visit(browser, server.base)
    await page.goto('/account')
    await signIn(page, await newAccount())
    await heading(page, 'Your account')
    const isAway = '**/api/v1/auth/{logout,refresh-token}'
    await page.route(isAway, (route) => route.abort())
    await page.getByRole('button', { name: 'Sign out', exact: true }).first().click()
    await page.getByText('The server cannot be reached.').waitFor()
    t.strictSame(await seriousIssues(page), [])
    await page.reload()
    await heading(page, 'Sign in')
    await page.unroute(isAway)
    await page.reload()
    await heading(page, 'Your account')
  })

  await t.test('a token that is about to end is renewed, by one tab at a time', async (t) => {
    // So short that it is renewed before every call.
    const server = await serve(t, { accessTokenTtlSeconds: 30 })
    const { page, context, complaints } = await visit(browser, server.base)
    await page.goto('/account')
    await signIn(page, await signUp(server.base))
    await heading(page, 'Your account')
    const tab = await context.newPage()
    await tab.goto(`${server.base}/account`)
    const refused: string[] = []
    context.on('response', (response) => {
      if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`)
    })
    const save = async (from: Page) => {
      const answer = from.waitForResponse((response) => response.request().method() === 'PATCH')
      await from.getByRole('button', { name: 'Save' }).click()
      return (await answer).status()
    }
    for (const each of [page, tab]) await each.getByText('This device').waitFor()
    const first = Promise.withResolvers<Route>()
    let renewals = 0
    await context.route('**/auth/refresh-token', async (route) => {
      if (renewals++ === 0) first.resolve(route)
      else await route.continue()
    })
    const answers = Promise.all([save(page), save(tab)])
    const held = await first.promise
    await page.waitForFunction(async () => (await navigator.locks.query()).pending?.length === 1)
    t.equal(renewals, 1, 'the other tab waits')
    await held.continue()
    t.strictSame(await answers, [200, 200])
    t.equal(renewals, 2)
    t.strictSame(await Promise.all([save(page), save(tab)]), [200, 200])
    t.strictSame(refused, [])
    t.strictSame(complaints, [])
  })
})
