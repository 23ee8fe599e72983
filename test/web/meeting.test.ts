import t from 'tap'
import { startCuttableProxy } from '../support/cuttable-proxy.ts'
import { listen } from '../support/meeting-app.ts'
import { openBrowser, seriousIssues, visit } from './browser.ts'
import { caption, captionsOf, inside, joinAsGuest, joinAsUser, type } from './meeting-pages.ts'

t.test('people meet in their browsers', { timeout: 240_000 }, async (t) => {
  const app = await listen(t)
  const browser = await openBrowser(t)
  const network = await startCuttableProxy(t, app.base)
  const host = await app.user('en')
  const code = await app.room(host)
  const [ben, ana] = [await visit(browser, app.base), await visit(browser, network.url)]

  await t.test('what one types the other reads in its own language, and the original on demand', async (t) => {
    await joinAsUser(ben, code, host)
    await inside(ben)
    await joinAsGuest(ana, code, { name: 'Zoe', speaks: 'es' })
    await inside(ana)
    await ben.page.getByText('Zoe').first().waitFor()
    const text = 'The meeting starts at nine in the morning.'
    await type(ben, text)
    await caption(ben, text).waitFor()
    const read = caption(ana, 'from English')
    await read.waitFor()
    const words = read.locator('.caption-text')
    t.equal(await words.getAttribute('lang'), 'es')
    t.not(await words.textContent(), text)
    await read.getByRole('button', { name: 'Show the original' }).click()
    t.equal(await read.locator('.caption-original').textContent(), text)
    t.equal(await ana.page.getByRole('log').getAttribute('aria-live'), 'polite')
  })

  await t.test('the language can be changed at any moment', async (t) => {
    await ana.page.getByLabel('I read').selectOption('fr')
    await ben.page.locator('[data-person]', { hasText: 'French' }).waitFor()
    await type(ben, 'Good morning to all of you.')
    const read = caption(ana, 'from English').nth(1)
    await read.waitFor()
    t.equal(await read.locator('.caption-text').getAttribute('lang'), 'fr')
    await ana.page.getByLabel('I read').selectOption('en')
    await ben.page.locator('[data-person]', { hasText: 'Zoe' }).filter({ hasText: 'English' }).waitFor()
  })

  await t.test('what is written from right to left is shown so', async (t) => {
    await ana.page.getByLabel('I speak').selectOption('ar')
    await type(ana, 'صباح الخير')
    const read = caption(ben, 'صباح الخير')
    await read.waitFor()
    t.match(await read.textContent(), /Arabic, not translated/)
    const direction = await read.locator('.caption-text').evaluate((element) => getComputedStyle(element).direction)
    t.equal(direction, 'rtl')
    await ana.page.getByLabel('I speak').selectOption('en')
  })

  await t.test('a raised hand is seen', async () => {
    await ana.page.getByRole('button', { name: 'Raise hand' }).click()
    await ben.page.locator('[data-person]', { hasText: 'hand raised' }).waitFor()
    await ana.page.getByRole('button', { name: 'Lower hand' }).click()
    await ben.page.locator('[data-person]', { hasText: 'hand raised' }).waitFor({ state: 'detached' })
  })

  await t.test('when the network is cut it says so, comes back, and nothing is missing or twice', async (t) => {
    const before = await captionsOf(ben)
    network.cut()
    await ana.page.getByText('The connection is lost.').waitFor()
    const said = ['One.', 'Two.', 'Three.']
    for (const text of said) {
      await type(ben, text)
      await caption(ben, text).waitFor()
    }
    await type(ana, 'Said without a network.')
    await ana.page.getByText('Waiting to be sent: 1').waitFor()
    network.mend()
    await ana.page.getByText('Connected again.').waitFor()
    await caption(ben, 'Said without a network.').waitFor()
    await caption(ana, 'Said without a network.').waitFor()
    const expected = [...said, 'Said without a network.']
    t.strictSame((await captionsOf(ben)).slice(before.length), expected)
    t.strictSame((await captionsOf(ana)).slice(before.length), expected)
  })

  await t.test('the page is what axe-core asks for, at phone width too, and nothing complains', async (t) => {
    for (const visitor of [ben, ana]) t.strictSame(await seriousIssues(visitor.page), [])
    await ana.page.setViewportSize({ width: 360, height: 740 })
    t.strictSame(await seriousIssues(ana.page), [])
    const overflow = await ana.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    t.ok(overflow <= 0, 'nothing to scroll sideways')
    t.strictSame(ben.complaints, [])
    // The cut network is what the browser says of it.
    t.strictSame(
      ana.complaints.filter((line) => !/WebSocket|net::ERR/.test(line)),
      [],
    )
  })

  await t.test('however much is said, the latest and the field to answer in stay in sight', async (t) => {
    for (let i = 1; i <= 20; i++) {
      await type(ben, `Line ${i}.`)
      await caption(ben, `Line ${i}.`).waitFor()
    }
    const bottomOf = async (locator: ReturnType<typeof caption>) => {
      const box = await locator.boundingBox()
      return (box?.y ?? 0) + (box?.height ?? Number.POSITIVE_INFINITY)
    }
    const height = await ben.page.evaluate(() => innerHeight)
    await ben.page.waitForFunction(() => {
      const scroller = document.querySelector('.captions-scroll')
      return (
        scroller && scroller.scrollTop > 0 && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 2
      )
    })
    t.ok((await bottomOf(caption(ben, 'Line 20.'))) <= height)
    t.ok((await bottomOf(ben.page.getByLabel('Your message'))) <= height)
    t.ok((await bottomOf(ben.page.getByRole('button', { name: 'Leave' }))) <= height)
    await ben.page.locator('.captions-scroll').evaluate((element) => element.scrollTo({ top: 0 }))
    await ben.page.getByRole('button', { name: 'To the latest' }).click()
    await ben.page.getByRole('button', { name: 'To the latest' }).waitFor({ state: 'detached' })
  })

  await t.test('a user is made co-host, and may then let people in', async () => {
    const other = await app.user('en')
    const max = await visit(browser, app.base)
    await joinAsUser(max, code, other)
    await inside(max)
    const row = ben.page.locator('[data-person]').filter({ hasText: 'participant' })
    await row.getByRole('button', { name: 'Make co-host' }).click()
    await max.page.getByRole('button', { name: 'Lock the room' }).waitFor()
    await ben.page.getByRole('button', { name: 'No longer co-host' }).click()
    await max.page.getByRole('button', { name: 'Lock the room' }).waitFor({ state: 'detached' })
    await max.page.getByRole('button', { name: 'Leave' }).click()
    await max.page.getByText('You have left the meeting.').waitFor()
  })

  await t.test('the transcript comes as a file', async (t) => {
    const section = ben.page.getByRole('region', { name: 'Transcript' })
    const download = ben.page.waitForEvent('download')
    await section.getByRole('button', { name: 'Download' }).click()
    const file = await (await download).createReadStream()
    t.match((await file.setEncoding('utf8').toArray()).join(''), /Good morning to all of you\./)
  })

  await t.test('who is removed is told, and stays out', async (t) => {
    const person = ben.page.locator('[data-person]', { hasText: 'Zoe' })
    await person.getByRole('button', { name: 'Remove' }).click()
    await ben.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await ana.page.getByText('A host has removed you from the meeting.').waitFor()
    t.strictSame(await seriousIssues(ana.page), [])
    await person.waitFor({ state: 'detached' })
    t.strictSame(ben.complaints, [])
  })

  await t.test('a locked room has a lobby: one is let in, another turned away', async (t) => {
    await ben.page.getByRole('button', { name: 'Lock the room' }).click()
    await ben.page.getByRole('button', { name: 'Unlock the room' }).waitFor()
    const [eva, max] = [await visit(browser, app.base), await visit(browser, app.base)]
    for (const [visitor, name] of [
      [eva, 'Eva'],
      [max, 'Max'],
    ] as const) {
      await joinAsGuest(visitor, code, { name })
      await visitor.page.getByRole('heading', { name: 'Please wait' }).waitFor()
    }
    t.strictSame(await seriousIssues(max.page), [])
    await ben.page.getByText('Waiting at the door (2)').waitFor()
    t.strictSame(await seriousIssues(ben.page), [])
    await ben.page.getByRole('group', { name: 'For Eva' }).getByRole('button', { name: 'Let in' }).click()
    await inside(eva)
    await ben.page.getByRole('group', { name: 'For Max' }).getByRole('button', { name: 'Turn away' }).click()
    await max.page.getByText('A host has not let you in.').waitFor()
    await type(eva, 'Thank you.')
    await caption(ben, 'Thank you.').waitFor()

    await ben.page.getByRole('button', { name: 'End for all' }).click()
    await ben.page.getByRole('dialog').getByRole('button', { name: 'End for all' }).click()
    for (const { page } of [ben, eva]) await page.getByText('The meeting has ended.').waitFor()
    for (const { complaints } of [ben, eva, max]) t.strictSame(complaints, [])
  })
})

t.test(
  'a token that ends in the middle of a meeting is renewed, and the meeting goes on',
  { timeout: 120_000 },
  async (t) => {
    const app = await listen(t, { accessTokenTtlSeconds: 8 })
    const host = await app.user('en')
    const code = await app.room(host)
    const ben = await visit(await openBrowser(t), app.base)
    await joinAsUser(ben, code, host)
    await inside(ben)
    await type(ben, 'Before.')
    await caption(ben, 'Before.').waitFor()
    await ben.page.getByText('Connected again.').waitFor()
    await type(ben, 'After.')
    await caption(ben, 'After.').waitFor()
    t.strictSame(await captionsOf(ben), ['Before.', 'After.'])
    t.strictSame(ben.complaints, [])
  },
)
