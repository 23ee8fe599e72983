import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openBrowser, seriousIssues, type Visitor, visit } from './browser.ts'
import { bundle, openBundle } from './bundle.ts'
import type {} from './videos/harness.tsx'

const harness = bundle(join(import.meta.dirname, 'videos', 'harness.tsx'))

async function open(t: Test): Promise<Pick<Visitor, 'page' | 'complaints'>> {
  const { page, complaints } = await visit(await openBrowser(t), 'http://localhost')
  await openBundle(page, await harness)
  return { page, complaints }
}

t.test('tiles show who is in the call, in pictures or initials, and what of them in words', async (t) => {
  const { page, complaints } = await open(t)
  await page.evaluate(async () => {
    const { videos } = window
    const local = videos.media()
    await local.choose({ microphone: true, camera: true })
    const ben = await navigator.mediaDevices.getUserMedia({ audio: true, video: true })
    videos.people.value = [
      videos.person('Ana Maria Ruiz'),
      videos.person('Ben', { camera: true }),
      videos.person('Çelik de la Öz', { muted: true, hand: true }),
      videos.person('Dora'),
    ]
    videos.states.value = new Map([
      ['Ben', 'connected'],
      ['Çelik de la Öz', 'connecting'],
    ])
    videos.streams.value = new Map([['Ben', ben]])
    videos.show(local)
  })
  const tiles = page.getByRole('region', { name: 'Voices and pictures' }).getByRole('listitem')
  await tiles.nth(2).waitFor()
  t.equal(await tiles.count(), 3)
  t.match(await tiles.nth(0).innerText(), /^AR\s+Ana Maria Ruiz \(you\)$/)
  t.match(await tiles.nth(1).innerText(), /^B\s+Ben$/)
  t.match(await tiles.nth(2).innerText(), /^ÇÖ\s+Çelik de la Öz\s+hand up\s+muted\s+connecting …\s+camera off$/)
  await page.getByText('In the meeting, but not in the call: 1').waitFor()
  await page.waitForFunction(() =>
    [...document.querySelectorAll('video')].every((video) => video.videoWidth > 0 && video.muted && !video.paused),
  )
  t.equal(await page.locator('video').count(), 2)
  t.equal(await page.locator('video.mirrored').count(), 1)

  const audio = page.locator('audio')
  await page.waitForFunction(() => document.querySelector('audio')?.paused === false)
  t.equal(await audio.count(), 1, 'nobody hears oneself')
  t.equal(await audio.evaluate((audio: HTMLAudioElement) => audio.volume), 1)
  await page.evaluate(() => (window.videos.volume.value = 0.25))
  await page.waitForFunction(() => document.querySelector('audio')?.volume === 0.25)
  await page.evaluate(() => (window.videos.volume.value = 0))
  await page.waitForFunction(() => document.querySelector('audio')?.muted)

  t.strictSame(await seriousIssues(page), [])
  t.strictSame(complaints, [])
})

t.test('muting sends no voice and keeps the microphone; a camera that is off is let go of', async (t) => {
  const { page } = await open(t)
  const seen = await page.evaluate(async () => {
    const local = window.videos.media()
    const look = () => ({
      audio: local.audio.value && `${local.audio.value.readyState} ${local.audio.value.enabled}`,
      video: local.video.value?.readyState,
      muted: local.muted.value,
      sent: Object.entries(local.sent.value).flatMap(([kind, track]) => (track ? [kind] : [])),
    })
    const start = look()
    await local.choose({ microphone: true, camera: true })
    const on = look()
    const { audio, video } = { audio: local.audio.value, video: local.video.value }
    await local.choose({ microphone: false, camera: false })
    const off = { ...look(), camera: video?.readyState }
    await local.choose({ microphone: true, camera: false })
    const unmuted = { ...look(), same: local.audio.value === audio }
    const microphones = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'audioinput')
    await local.choose({ microphone: true, camera: false, microphoneId: microphones.at(-1)?.deviceId ?? '' })
    const switched = { ...look(), old: audio?.readyState }
    local.close()
    return { start, on, off, unmuted, switched, closed: look() }
  })
  t.strictSame(seen, {
    start: { audio: null, video: undefined, muted: true, sent: [] },
    on: { audio: 'live true', video: 'live', muted: false, sent: ['audio', 'video'] },
    off: { audio: 'live false', video: undefined, muted: true, sent: [], camera: 'ended' },
    unmuted: { audio: 'live true', video: undefined, muted: false, sent: ['audio'], same: true },
    switched: { audio: 'live true', video: undefined, muted: false, sent: ['audio'], old: 'ended' },
    closed: { audio: null, video: undefined, muted: true, sent: [] },
  })
})

t.test('what keeps a device away is told apart', async (t) => {
  const { page } = await open(t)
  const problems = await page.evaluate(async () => {
    const told: Record<string, string | null> = {}
    for (const name of ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'OverconstrainedError']) {
      const getUserMedia = async () => {
        throw new DOMException('', name)
      }
      const local = window.videos.media({ getUserMedia } as unknown as MediaDevices)
      await local.choose({ microphone: true, camera: false })
      told[name] = `${local.audioProblem.value} ${local.videoProblem.value} ${local.muted.value}`
    }
    const local = window.videos.media()
    await local.choose({ microphone: false, camera: true })
    local.video.value?.dispatchEvent(new Event('ended'))
    told.unplugged = `${local.videoProblem.value} ${local.video.value}`
    await local.choose({ microphone: false, camera: true })
    told.again = String(local.videoProblem.value)
    return told
  })
  t.strictSame(problems, {
    NotAllowedError: 'refused null true',
    NotFoundError: 'none null true',
    NotReadableError: 'busy null true',
    OverconstrainedError: 'none null true',
    unplugged: 'none null',
    again: 'null',
  })
})

t.test('the last choice counts, however long a device takes to open', async (t) => {
  const { page } = await open(t)
  const live = await page.evaluate(async () => {
    const opened: MediaStreamTrack[] = []
    const getUserMedia = async (constraints: MediaStreamConstraints) => {
      const stream = await navigator.mediaDevices.getUserMedia(constraints)
      opened.push(...stream.getTracks())
      return stream
    }
    const local = window.videos.media({ getUserMedia } as unknown as MediaDevices)
    await Promise.all([
      local.choose({ microphone: true, camera: true }),
      local.choose({ microphone: false, camera: true }),
      local.choose({ microphone: false, camera: false }),
    ])
    return { tracks: [local.audio.value, local.video.value], states: opened.map(({ readyState }) => readyState) }
  })
  t.strictSame(live.tracks, [null, null])
  t.strictSame(live.states, ['ended', 'ended', 'ended'])
})
