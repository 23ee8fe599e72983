import t from 'tap'
import { listen } from '../support/meeting-app.ts'
import { joined, recording, silence } from '../support/recordings.ts'
import { openBrowser, visit } from './browser.ts'
import { caption, inside, joinAsGuest, joinAsUser } from './meeting-pages.ts'

/** The first recognition of a run loads the model, on a machine that has other things to do. */
const PATIENCE_MS = 120_000

t.test('what one says into the microphone the other reads and hears', { timeout: 360_000 }, async (t) => {
  const app = await listen(t, { sttEngine: 'embedded', ttsEngine: 'embedded' })
  const { samples } = await recording('en-only-person')
  const [speaking, listening] = [
    await openBrowser(t, { microphone: joined(silence(1), samples, silence(2)) }),
    await openBrowser(t),
  ]
  const host = await app.user('en')
  const code = await app.room(host)
  const [ben, zoe] = [await visit(speaking, app.base), await visit(listening, app.base)]
  // What is played, and what grew before it was settled.
  await zoe.page.addInitScript(() => {
    const { start } = AudioBufferSourceNode.prototype
    AudioBufferSourceNode.prototype.start = function (this: AudioBufferSourceNode, when?: number) {
      document.documentElement.dataset.played = String(this.buffer?.duration ?? 0)
      start.call(this, when)
    }
    const look = () => {
      const interim = document.querySelector('.interim .caption-text')
      if (interim?.textContent) document.documentElement.dataset.grew = interim.textContent
    }
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
  })
  await joinAsUser(ben, code, host)
  await inside(ben)
  await joinAsGuest(zoe, code, { name: 'Zoe', speaks: 'es' })
  await inside(zoe)
  await zoe.page.getByRole('button', { name: 'Read aloud to me' }).click()
  await zoe.page.getByRole('button', { name: 'Stop reading aloud' }).waitFor()

  await ben.page.getByRole('button', { name: 'Microphone on' }).click()
  await zoe.page.locator('[data-person]', { hasText: 'microphone on' }).waitFor()
  await caption(ben, /only person in this conference/i).waitFor({ timeout: PATIENCE_MS })
  const read = caption(zoe, 'from English').first()
  await read.waitFor()
  t.equal(await read.locator('.caption-text').getAttribute('lang'), 'es')
  await read.getByRole('button', { name: 'Show the original' }).click()
  t.match(await read.locator('.caption-original').textContent(), /only person in this conference/i)
  await zoe.page.locator('html[data-played]').waitFor()
  t.ok(Number(await zoe.page.locator('html').getAttribute('data-played')) > 1, 'more than a second of speech')
  t.ok(await zoe.page.locator('html').getAttribute('data-grew'), 'words came while they were said')

  await ben.page.getByRole('button', { name: 'Microphone off' }).click()
  await zoe.page.locator('[data-person]', { hasText: 'microphone on' }).waitFor({ state: 'detached' })

  await ben.page.getByRole('button', { name: 'Camera on' }).click()
  await zoe.page.locator('[data-person]', { hasText: 'camera on' }).waitFor()
  await zoe.page.waitForFunction(() => [...document.querySelectorAll('video')].some((video) => video.videoWidth > 0))
  await ben.page.getByRole('button', { name: 'Leave' }).click()
  await ben.page.getByText('You have left the meeting.').waitFor()
  for (const { complaints } of [ben, zoe]) t.strictSame(complaints, [])
})
