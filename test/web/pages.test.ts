import t from 'tap'
import { listen } from '../support/meeting-app.ts'
import { openBrowser, seriousIssues, visit } from './browser.ts'

t.test('the start page opens without a complaint, and is what axe-core asks for', async (t) => {
  const { base } = await listen(t)
  const browser = await openBrowser(t)
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
