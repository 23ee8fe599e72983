import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import t from 'tap'
import { listen } from '../support/meeting-app.ts'
import { openBrowser, visit } from './browser.ts'

interface Described {
  paths: Record<string, Record<string, { operationId: string }>>
  components: { messages: Record<string, { name: string }> }
}

t.test('the page of the calls', async (t) => {
  const { base } = await listen(t)
  const browser = await openBrowser(t)
  const read = async (path: string) => (await (await fetch(base + path)).json()) as Described
  const [openapi, asyncapi] = [await read('/openapi.json'), await read('/asyncapi.json')]
  const ids = Object.values(openapi.paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId))

  async function open(path = '/docs', options = {}) {
    const visitor = await visit(browser, base, options)
    await visitor.page.goto(path)
    await visitor.page.locator('.card').first().waitFor()
    return visitor
  }
  const idsOf = (page: Page, of: string) =>
    page.locator(`[id^="${of}-"]`).evaluateAll((cards) => cards.map(({ id }) => id.slice(id.indexOf('-') + 1)))

  await t.test('every call and every message is there, and the browser complains of nothing', async (t) => {
    const { page, complaints } = await open()
    t.same((await idsOf(page, 'call')).sort(), ids.toSorted())
    t.same((await idsOf(page, 'message')).sort(), Object.keys(asyncapi.components.messages).sort())
    t.notMatch(await page.locator('main').textContent(), /\[object|undefined/)
    for (const file of ['openapi.json', 'asyncapi.json'])
      t.ok((await page.getByRole('link', { name: file }).count()) > 0, `leads to ${file}`)
    t.strictSame(complaints, [])
  })

  await t.test('a call shows who may make it, its parameters, body, answers, errors and a command', async (t) => {
    const { page } = await open()
    const call = page.locator('#call-invite')
    await call.locator('summary').first().click()
    const text = (await call.innerText()).replaceAll(/\s+/g, ' ')
    for (const part of [
      /Needs a token as Authorization: Bearer/,
      /room_code path: string/,
      /emails list of string/,
      /"ben@example.org"/,
      /Answer 200, application\/json/,
      /409 ROOM_ENDED The room has ended/,
      /429 RATE_LIMIT_EXCEEDED/,
      /curl -X POST 'http.*\/invite' \\ -H "Authorization: Bearer \$TOKEN"/,
    ])
      t.match(text, part)
    await call.getByText('The room has ended.', { exact: true }).click()
    t.match(await call.getByRole('group', { name: 'Body of ROOM_ENDED' }).innerText(), /"code": "ROOM_ENDED"/)
    await page.locator('#call-signUp summary').first().click()
    t.match(await page.locator('#call-signUp').innerText(), /Anyone may call this/)
  })

  await t.test('the filter leaves what has every word, and says how many', async (t) => {
    const { page } = await open()
    await page.getByLabel('Filter').fill('poll room_ended')
    const visible = page.locator('.card:visible')
    const shown = await visible.evaluateAll((cards) => cards.map(({ id }) => id))
    t.ok(shown.includes('call-vote') && !shown.includes('call-signUp') && !shown.includes('call-invite'))
    t.match(await page.locator('#shown').innerText(), new RegExp(`^${shown.length} of \\d+$`))
    t.equal(await page.getByRole('heading', { level: 2, name: 'auth' }).count(), 0)
    await page.getByLabel('Filter').fill('')
    t.ok((await visible.count()) > ids.length)
  })

  await t.test('an address leads to one call, and to one that the filter hides', async (t) => {
    const { page } = await open('/docs#call-createPoll')
    const poll = page.locator('#call-createPoll')
    t.equal(await poll.getAttribute('open'), '')
    await page.getByLabel('Filter').fill('createpoll')
    await poll.getByRole('link', { name: 'Poll', exact: true }).click()
    await page.locator('#schema-Poll[open]').waitFor()
    t.ok(await page.locator('#schema-Poll').isVisible())
  })

  await t.test('it works by keyboard', async (t) => {
    const { page } = await open()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    t.equal(await page.locator('.card').first().getAttribute('open'), '')
    await page.getByRole('button', { name: 'Open all' }).press('Enter')
    t.equal(await page.locator('.card:not([open])').count(), 0)
  })

  await t.test(
    'axe-core finds nothing, light and dark, and a phone need not scroll sideways',
    { timeout: 240_000 },
    async (t) => {
      const { page } = await open('/docs', { viewport: { width: 360, height: 740 } })
      for (const id of ['call-transcribe', 'call-joinMeeting', 'message-server.caption', 'schema-User'])
        await page.locator(`[id="${id}"] > summary`).click()
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const { violations } = await new AxeBuilder({ page }).analyze()
        t.strictSame(
          violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`),
          [],
          colorScheme,
        )
      }
      t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360)
    },
  )

  await t.test('when the description does not come, it says so', async (t) => {
    const { page } = await visit(browser, base)
    await page.route('**/openapi.json', (route) => route.fulfill({ status: 503 }))
    await page.goto('/docs')
    t.match(await page.getByRole('alert').innerText(), /could not be loaded: \/openapi.json answered 503/)
  })
})
