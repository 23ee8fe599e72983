import t from 'tap'
import { listen } from '../support/meeting-app.ts'
import { openBrowser, seriousIssues, visit } from './browser.ts'

t.test('the pages in a browser', async (t) => {
  const { base } = await listen(t)
  const browser = await openBrowser(t)

  t.test('the start page opens without a complaint, and is what axe-core asks for', async (t) => {
    const { page, complaints } = await visit(browser, base)
    const response = await page.goto('/')
    t.match(response?.headers()['content-security-policy'], /default-src 'self'/)
    await page.getByRole('heading', { level: 1, name: 'Everybody in their own language' }).waitFor()
    await page.getByLabel('Language of these pages').selectOption('es')
    await page.getByRole('heading', { level: 1, name: 'Cada persona en su idioma' }).waitFor()
    t.equal(await page.locator('html').getAttribute('lang'), 'es')
    t.strictSame(await seriousIssues(page), [])
    t.strictSame(complaints, [])
  })

  t.test('a path that leads nowhere says so, and leads to the start', async (t) => {
    const { page, complaints } = await visit(browser, base)
    t.equal((await page.goto('/no/such/page'))?.status(), 404)
    await page.getByRole('heading', { level: 1, name: 'There is no such page.' }).waitFor()
    t.strictSame(await seriousIssues(page), [])
    await page.getByRole('link', { name: 'To the start' }).click()
    await page.getByRole('heading', { level: 1, name: 'Everybody in their own language' }).waitFor()
    t.strictSame(complaints, [`Failed to load resource: the server responded with a status of 404 (Not Found)`])
  })

  t.test('a slash at the end does no harm', async (t) => {
    const { page, complaints } = await visit(browser, base)
    await page.goto(`/join/${'a'.repeat(26)}/`)
    await page.getByLabel('Your name').waitFor()
    t.strictSame(complaints, [])
  })

  t.test('a file that is gone after an upgrade is a page that is loaded anew', async (t) => {
    const { page } = await visit(browser, base)
    await page.goto('/')
    await page.getByRole('link', { name: 'Sign up' }).waitFor()
    await page.route('**/assets/sign-up-*.js', (route) => route.fulfill({ status: 404 }), { times: 1 })
    const reloaded = page.waitForEvent('load')
    await page.getByRole('link', { name: 'Sign up' }).click()
    await reloaded
    await page.getByLabel('Password', { exact: true }).waitFor()
    t.match(page.url(), /\/sign-up$/)
  })

  t.test('one that stays away is told in words, with a button', async (t) => {
    const { page } = await visit(browser, base)
    let asked = 0
    await page.route('**/assets/sign-up-*.js', (route) => {
      asked++
      return route.fulfill({ status: 429 })
    })
    await page.goto('/sign-up')
    await page.getByRole('heading', { level: 1, name: 'This page could not be shown.' }).waitFor()
    t.equal(asked, 2, 'loaded anew once')
    t.strictSame(await seriousIssues(page), [])
    await page.unroute('**/assets/sign-up-*.js')
    await page.getByRole('button', { name: 'Reload the page' }).click()
    await page.getByLabel('Password', { exact: true }).waitFor()
  })

  t.test('a page that breaks is told in words, and the console knows why', async (t) => {
    const { page, complaints } = await visit(browser, base)
    await page.goto('/')
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    // The router cannot decode it: a fault of the kind that nobody has thought of.
    await page.evaluate(() => {
      history.pushState(null, '', '/join/%zz')
      dispatchEvent(new PopStateEvent('popstate'))
    })
    await page.getByRole('heading', { level: 1, name: 'This page could not be shown.' }).waitFor()
    t.match(complaints, [/URIError/])
  })
})

t.test('every page for visitors is what axe-core asks for, light and dark, and complains of nothing', async (t) => {
  const app = await listen(t)
  const code = await app.room(await app.user('en'))
  const { page, complaints } = await visit(await openBrowser(t), app.base)
  const paths = ['/', '/sign-in', '/sign-up', '/forgot-password', '/reset-password', '/verify-email', `/join/${code}`]
  for (const path of paths) {
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      t.strictSame(await seriousIssues(page), [], `${path}, ${colorScheme}`)
    }
  }
  t.strictSame(complaints, [])
})
