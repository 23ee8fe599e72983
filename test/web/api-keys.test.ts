import t from 'tap'
import { byKey } from '../support/api-keys.ts'
import { signUp } from '../support/client.ts'
import { heading, PHONE, section, serve, signIn, wrongFields } from './account-steps.ts'
import { openBrowser, seriousIssues, visit } from './browser.ts'

t.test('the page of one’s API keys', async (t) => {
  const server = await serve(t)
  const browser = await openBrowser(t)
  const use = async (key: string) => (await byKey(server.base, key, 'GET', '/api/v1/meetings')).status

  await t.test('a key is made, shown once, rotated and revoked', async (t) => {
    const { page, context, complaints } = await visit(browser, server.base)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto('/account')
    await signIn(page, await signUp(server.base))
    await page.getByRole('link', { name: 'Manage API keys' }).click()
    await heading(page, 'API keys')
    await page.getByText('You have no keys.').waitFor()
    t.strictSame(await seriousIssues(page), [])

    const form = section(page, 'New key')
    await form.getByRole('button', { name: 'Make the key' }).click()
    await page.getByText('Please fill this in.').waitFor()
    t.strictSame(await wrongFields(page), ['name'])
    await form.getByLabel('Name of the key').fill('Captions bot')
    await form.getByLabel('Allowed networks').fill('127.0.0.0/8\nnowhere')
    await form.getByRole('button', { name: 'Make the key' }).click()
    await page.getByText('Choose at least one.').waitFor()
    t.strictSame(await wrongFields(page), ['pipeline'])
    await form.getByLabel('See your meetings and polls').check()
    await form.getByRole('button', { name: 'Make the key' }).click()
    await page.getByText('nowhere is no address or network.').waitFor()
    t.strictSame(await wrongFields(page), ['allowed_networks'])
    t.strictSame(await seriousIssues(page), [])
    await form.getByLabel('Allowed networks').fill('127.0.0.0/8')
    await form.getByLabel('It ends after').selectOption('30 days')
    await form.getByRole('button', { name: 'Make the key' }).click()

    const shown = section(page, 'Your new key')
    await shown.getByText('it is not shown again').waitFor()
    t.equal(await shown.evaluate((element) => element === document.activeElement), true, 'the focus is there')
    const key = await shown.locator('code').innerText()
    t.equal(await use(key), 200)
    t.strictSame(await seriousIssues(page), [])
    await shown.getByRole('button', { name: 'Copy the key' }).click()
    await page.getByText('Copied.').waitFor()
    t.equal(await page.evaluate(() => navigator.clipboard.readText()), key)
    await shown.getByRole('button', { name: 'I have kept it' }).click()
    await form.waitFor()
    t.notMatch(await page.content(), key)

    const own = section(page, 'Your keys')
    const items = own.getByRole('listitem')
    t.match(await items.first().innerText(), new RegExp(`Captions bot ${key.slice(0, 12)}`))
    t.match(await items.first().innerText(), /See your meetings and polls\s+From 127\.0\.0\.0\/8/)
    await own.getByRole('button', { name: 'Rotate the key Captions bot' }).click()
    const dialog = page.getByRole('dialog', { name: 'Rotate the key Captions bot' })
    t.strictSame(await seriousIssues(page), [])
    await dialog.getByRole('button', { name: 'Rotate', exact: true }).click()
    await shown.waitFor()
    const fresh = await shown.locator('code').innerText()
    t.same([await use(key), await use(fresh)], [200, 200])
    await shown.getByRole('button', { name: 'I have kept it' }).click()
    await own.getByText('Replaced; still good until').waitFor()
    t.equal(await items.count(), 2)
    t.equal(await own.getByRole('button', { name: 'Rotate' }).count(), 1, 'what is replaced is not rotated again')

    await items.first().getByRole('button', { name: 'Revoke the key Captions bot' }).click()
    const asking = page.getByRole('dialog', { name: 'Revoke the key Captions bot' })
    await asking.getByRole('button', { name: 'Close' }).click()
    t.equal(await use(fresh), 200, 'nothing happens without a yes')
    await items.first().getByRole('button', { name: 'Revoke the key Captions bot' }).click()
    await asking.getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByText('The key is revoked.').waitFor()
    t.equal(await use(fresh), 401)
    await items.first().getByText('Revoked').waitFor()
    t.equal(await items.first().getByRole('button').count(), 0)
    t.strictSame(await seriousIssues(page), [])
    t.strictSame(complaints, [])
  })

  await t.test('on a phone, in the dark, in every language', async (t) => {
    const { page, complaints } = await visit(browser, server.base, { ...PHONE, colorScheme: 'dark' })
    await page.goto('/account/api-keys')
    await signIn(page, await signUp(server.base))
    await heading(page, 'API keys')
    await page.getByLabel('Name of the key').fill('Bot')
    await page.getByLabel('Transcribe, translate and speak').check()
    await page.getByRole('button', { name: 'Make the key' }).click()
    await page.getByRole('heading', { name: 'Your new key' }).waitFor()
    for (const [locale, title] of [
      ['es', 'Claves de API'],
      ['fr', 'Clés d’API'],
    ] as const) {
      await page.getByLabel(/Language|Idioma|Langue/).selectOption(locale)
      await heading(page, title)
      t.strictSame(await seriousIssues(page), [], locale)
      t.ok(
        await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
        'nothing is wider than a phone',
      )
    }
    t.strictSame(complaints, [])
  })
})
