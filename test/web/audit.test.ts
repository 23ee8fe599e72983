import { readFile } from 'node:fs/promises'
import t from 'tap'
import type { AppServices } from '../../app-services.ts'
import { makeAdmin } from '../support/audit.ts'
import { type SignedIn, send } from '../support/client.ts'
import { listen } from '../support/meeting-app.ts'
import { openBrowser, seriousIssues, visit } from './browser.ts'

t.test('the audit trail in a browser', async (t) => {
  let services: AppServices | undefined
  const { base, user, room, post } = await listen(
    t,
    {},
    {
      extend: (app) => {
        services = app.services
      },
    },
  )
  const browser = await openBrowser(t)

  async function signedIn({ email, password }: SignedIn, options = {}) {
    const visitor = await visit(browser, base, options)
    await visitor.context.request.post('/api/v1/auth/login', { data: { email, password } })
    return visitor
  }
  const host = await user()
  const code = await room(host)
  await post(`/api/v1/meetings/${code}/invite`, host.token, { emails: ['x@example.org'] })
  await send(base, 'POST', '/api/v1/auth/login', { body: { email: host.email, password: 'not this one' } })

  t.test('an admin finds it in the navigation, filters, turns pages and takes a file home', async (t) => {
    const admin = await user()
    if (services) await makeAdmin(services.database.db, admin.userId)
    for (let i = 0; i < 60; i++)
      await services?.audit.record({ action: 'room_created', outcome: 'success', subject: `00000000-${i}` })
    const { page, complaints } = await signedIn(admin)
    await page.goto('/meetings')
    await page.getByRole('link', { name: 'Audit trail' }).click()
    await page.getByRole('heading', { level: 1, name: 'Audit trail' }).waitFor()
    await page.getByText('Entries on this page: 50', { exact: true }).waitFor()
    await page.getByText(/^No break was found .* of \d+\.$/).waitFor()
    const first = await page.getByRole('row').nth(1).getByRole('cell').first().innerText()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      t.strictSame(await seriousIssues(page), [], colorScheme)
    }

    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByRole('cell', { name: '1', exact: true }).waitFor()
    t.ok(Number(await page.getByRole('row').nth(1).getByRole('cell').first().innerText()) <= Number(first) - 50)

    await page.getByLabel('What').selectOption('Sign-in')
    await page.getByLabel('Outcome').selectOption('failed')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByText('Entries on this page: 1', { exact: true }).waitFor()
    await page.getByRole('cell', { name: 'reason: invalid_credentials' }).waitFor()
    await page.getByRole('cell', { name: host.userId }).waitFor()

    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download as CSV' }).click()
    const file = await downloading
    t.match(file.suggestedFilename(), /^FluentMeet audit [\d-]+\.csv$/)
    const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n')
    t.equal(lines.length, 2)
    t.match(lines[1], `"login","failure","anonymous","","${host.userId}"`)
    await page.getByText('The file has been downloaded.').waitFor()

    await page.getByLabel('Outcome').selectOption('refused')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByText('Nothing was found.').waitFor()

    await page.getByLabel('Client address').fill('not one')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByText('Please check what you have filled in.').waitFor()
    t.equal(await page.getByLabel('Client address').getAttribute('aria-invalid'), 'true')
    t.strictSame(complaints, [])
  })

  t.test('a host finds that of the own room, by a link, in French, on a phone', async (t) => {
    const { page, complaints } = await signedIn(host, { viewport: { width: 360, height: 740 } })
    await page.goto(`/meetings/${code}`)
    t.equal(await page.getByRole('link', { name: 'Audit trail' }).count(), 0, 'nothing for admins')
    await page.getByRole('link', { name: 'What happened in this meeting' }).click()
    await page.getByText('Entries on this page: 2', { exact: true }).waitFor()
    await page.getByLabel('Language of these pages').selectOption('fr')
    await page.getByRole('cell', { name: 'Invitations envoyées' }).waitFor()
    await page.getByRole('cell', { name: 'sent: 1, failed: 0' }).waitFor()
    t.equal(await page.getByLabel('Adresse du client').count(), 0)
    t.strictSame(await seriousIssues(page), [])
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    t.equal(width, 360, 'the table scrolls, and the page does not')
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Télécharger en NDJSON' }).click()
    const text = await readFile(await (await downloading).path(), 'utf8')
    t.match(text, '"action":"invitations_sent"')
    t.notMatch(text, 'address')
    t.strictSame(complaints, [])
  })

  t.test('others are told that it is not for them', async (t) => {
    const { page, complaints } = await signedIn(await user())
    await page.goto('/admin/audit')
    await page.getByText('These pages are for administrators.').waitFor()
    await page.goto(`/meetings/${code}/audit`)
    await page
      .getByRole('alert')
      .getByText(/no meeting|There is no such/i)
      .waitFor()
    t.strictSame(await seriousIssues(page), [])
    t.strictSame(complaints, [])
  })
})
