import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type { Invited, Room } from '../../schemas/meetings.ts'
import { type SignedIn, send } from '../support/client.ts'
import { listen } from '../support/meeting-app.ts'
import { openBrowser, seriousIssues, type Visitor, visit } from './browser.ts'

const pause = () => wait(200)
const PHONE = { viewport: { width: 360, height: 740 } }

t.test('meetings and the way into them, in a browser', async (t) => {
  const { base, user, room, join, enter, post } = await listen(t)
  const browser = await openBrowser(t)

  /** Somebody whose browser is signed in. */
  async function signedIn(account: SignedIn, options = {}): Promise<Visitor> {
    const visitor = await visit(browser, base, options)
    const { email, password } = account
    await visitor.context.request.post('/api/v1/auth/login', { data: { email, password } })
    return visitor
  }
  const roomOf = async (host: SignedIn, code: string) =>
    (await send<Room>(base, 'GET', `/api/v1/meetings/${code}`, { token: host.token })).body
  const peopleIn = async (host: SignedIn, code: string) =>
    (
      await send<{ participants: { display_name: string; speaking_language: string; listening_language: string }[] }>(
        base,
        'GET',
        `/api/v1/meetings/${code}/participants`,
        { token: host.token },
      )
    ).body.participants

  t.test('a meeting is started, or scheduled in the time of the reader, and listed', async (t) => {
    const { page, complaints } = await signedIn(await user(), { timezoneId: 'America/New_York', ...PHONE })
    await page.goto('/meetings')
    await page.getByText('No meetings yet.').waitFor()

    await page.getByRole('button', { name: 'Start a meeting' }).click()
    await page.getByText('Please fill this in.').waitFor()
    t.equal(await page.getByLabel('Name', { exact: true }).getAttribute('aria-invalid'), 'true')

    await page.getByLabel('Name', { exact: true }).fill('Stand-up')
    await page.getByRole('button', { name: 'Start a meeting' }).click()
    await page.getByText('“Stand-up” is ready.').waitFor()
    await page.getByRole('link', { name: 'Join now' }).waitFor()
    await page.getByRole('heading', { level: 3, name: 'Stand-up' }).waitFor()

    await page.getByLabel('Name', { exact: true }).fill('Review')
    await page.getByLabel('When').fill('2001-01-01T10:00')
    await page.getByRole('button', { name: 'Schedule a meeting' }).click()
    await page.getByText('Choose a time within the next ten years.').waitFor()
    const year = new Date().getUTCFullYear() + 1
    await page.getByLabel('When').fill(`${year}-01-15T10:30`)
    const made = page.waitForResponse((response) => response.request().method() === 'POST')
    await page.getByRole('button', { name: 'Schedule a meeting' }).click()
    t.equal((await (await made).json()).scheduled_at, `${year}-01-15T15:30:00.000Z`)
    await page.getByRole('heading', { level: 3, name: 'Review' }).waitFor()
    await page.getByText(new RegExp(`^Scheduled for Jan 15, ${year}, 10:30\\sAM · You are the host$`)).waitFor()
    await looksRight(t, page)

    await page.getByLabel('Show').selectOption('Those I took part in')
    await page.getByText('No meetings yet.').waitFor()
    t.strictSame(complaints, [])
  })

  t.test('a list of many meetings has pages', async (t) => {
    const host = await user()
    for (let i = 1; i <= 11; i += 1)
      await send(base, 'POST', '/api/v1/meetings', { token: host.token, body: { name: `Meeting ${i}` } })
    const { page, complaints } = await signedIn(host)
    await page.goto('/meetings')
    await page.getByText('Page 1 of 2').waitFor()
    t.equal(await page.getByRole('heading', { level: 3 }).count(), 10)
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByRole('heading', { level: 3, name: 'Meeting 1', exact: true }).waitFor()
    t.equal(await page.getByRole('heading', { level: 3 }).count(), 1)
    t.strictSame(complaints, [])
  })

  t.test('the link is copied', async (t) => {
    const host = await user()
    const code = await room(host)
    const { page, context } = await signedIn(host)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto('/meetings')
    await page.getByRole('button', { name: 'Copy the link' }).click()
    await page.getByText('Copied.').waitFor()
    t.equal(await page.evaluate(() => navigator.clipboard.readText()), (await roomOf(host, code)).join_url)
  })

  t.test('a host changes settings; what the server refuses is told beside the field', async (t) => {
    const host = await user()
    const code = await room(host)
    const { page, complaints } = await signedIn(host, PHONE)
    await page.goto(`/meetings/${code}`)
    await page.getByRole('heading', { level: 1, name: 'Stand-up' }).waitFor()
    await page.getByLabel('Locked').check()
    await page.getByLabel('Most participants at once').fill('1')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('This is not valid.').waitFor()
    t.equal(await page.getByLabel('Most participants at once').getAttribute('aria-invalid'), 'true')
    await page.getByLabel('Most participants at once').fill('12')
    await page.getByLabel('Days the transcript is kept').fill('')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('[aria-invalid=true]').and(page.getByLabel('Days the transcript is kept')).waitFor()
    t.equal((await roomOf(host, code)).settings.lock_room, false)

    await page.getByLabel('Days the transcript is kept').fill('0')
    await page.getByLabel('When somebody deletes their account').selectOption('are erased')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    const { settings } = await roomOf(host, code)
    t.match(settings, { lock_room: true, max_participants: 12, retention_days: 0, deleted_words: 'remove' })
    await looksRight(t, page)
    t.strictSame(complaints, [])
  })

  t.test('invitations go out by mail; a wrong address and those that failed are named', async (t) => {
    const host = await user()
    const code = await room(host)
    // A mail that is being sent counts twice: the third may have to wait for that.
    for (let sent = 0; sent < 3; await pause()) {
      const body = { emails: ['often@example.org'] }
      const answer = await send<Invited>(base, 'POST', `/api/v1/meetings/${code}/invite`, { token: host.token, body })
      sent += answer.body.sent.length
    }
    const { page, complaints } = await signedIn(host)
    await page.goto(`/meetings/${code}`)
    await page.getByLabel('Addresses').fill('Bea <bea@example.org>, nobody')
    await page.getByRole('button', { name: 'Send invitations' }).click()
    await page.getByText('“nobody” is no e-mail address.').waitFor()
    await page.getByLabel('Addresses').fill('Bea <bea@example.org>\noften@example.org')
    await page.getByRole('button', { name: 'Send invitations' }).click()
    await page.getByText('On its way to: bea@example.org').waitFor()
    await page.getByText('Not sent, as there were too many invitations of late: often@example.org').waitFor()
    t.equal(await page.getByLabel('Addresses').inputValue(), 'often@example.org')
    t.match(await mailTo(base, 'bea@example.org'), new RegExp(`/join/${code}#invitation=`))
    t.strictSame(complaints, [])
  })

  t.test('the transcript is downloaded as a file with a name', async (t) => {
    const host = await user()
    const code = await room(host)
    const socket = await enter(code, host.token)
    socket.send({ type: 'say', text: 'Good morning.' })
    await socket.next('caption')
    const { page, complaints } = await signedIn(host)
    await page.goto(`/meetings/${code}`)
    await page.getByLabel('Format').selectOption('Text')
    const original = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download' }).click()
    const file = await original
    t.equal(file.suggestedFilename(), 'Stand-up transcript.txt')
    t.match(await readFile(await file.path(), 'utf8'), 'Good morning.')
    await page.getByText('The transcript has been downloaded.').waitFor()

    await page.getByLabel('Everything in the language it was said in').uncheck()
    await page.getByLabel('Language', { exact: true }).selectOption('Spanish')
    const asked = page.waitForRequest(/\/transcript\?/)
    const downloaded = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download' }).click()
    t.match(new URL((await asked).url()).search, 'format=txt&language=es')
    t.match(await readFile(await (await downloaded).path(), 'utf8'), 'Buenos días.')
    t.strictSame(complaints, [])
  })

  t.test('a host ends a meeting, then deletes it; both are asked about first', async (t) => {
    const host = await user()
    const code = await room(host)
    const { page, complaints } = await signedIn(host)
    await page.goto(`/meetings/${code}`)
    await page.getByRole('button', { name: 'End for everybody' }).click()
    await page.getByRole('dialog', { name: 'End the meeting?' }).waitFor()
    t.strictSame(await seriousIssues(page), [])
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    t.equal((await roomOf(host, code)).status, 'active')

    await page.getByRole('button', { name: 'End for everybody' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'End for everybody' }).click()
    await page.getByText(/^Ended /).waitFor()
    t.equal((await roomOf(host, code)).status, 'ended')
    t.equal(await page.getByRole('button', { name: 'Send invitations' }).count(), 0)
    t.equal(await page.getByRole('link', { name: 'Join now' }).count(), 0)
    await looksRight(t, page)

    await page.getByRole('button', { name: 'Delete the meeting' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the meeting' }).click()
    await page.waitForURL('**/meetings')
    await page.getByText('No meetings yet.').waitFor()
    t.strictSame(complaints, [])
  })

  t.test('a participant sees the settings and changes none; whoever was not there learns nothing', async (t) => {
    const code = await room(await user())
    const guest = await user()
    await join(code, guest.token)
    const { page, complaints } = await signedIn(guest)
    await page.goto(`/meetings/${code}`)
    await page.getByRole('term').filter({ hasText: 'Guests may join' }).waitFor()
    t.equal(await page.getByRole('button', { name: 'Save' }).count(), 0)
    t.equal(await page.getByRole('button', { name: 'Delete the meeting' }).count(), 0)
    await looksRight(t, page)
    const stranger = await signedIn(await user())
    for (const path of [code, 'odd']) {
      await stranger.page.goto(`/meetings/${path}`)
      await stranger.page.getByText('There is no such meeting, or you were not in it.').waitFor()
    }
    t.strictSame([...complaints, ...stranger.complaints], [])
  })

  t.test('nobody sees meetings without signing in', async (t) => {
    const { page } = await visit(browser, base)
    await page.goto('/meetings')
    await page.waitForURL('**/sign-in?to=%2Fmeetings')
    t.pass()
  })

  t.test('a guest gives a name, tries microphone and camera, and joins', async (t) => {
    const host = await user()
    const code = await room(host)
    const { page, complaints } = await visit(browser, base, { locale: 'es-ES', ...PHONE })
    await page.goto(`/join/${code}`)
    await page.getByLabel('Idioma de estas páginas').selectOption('en')
    t.equal(await page.getByLabel('I speak').inputValue(), 'es')
    await page.getByLabel('I read').selectOption('French')
    await page.getByRole('button', { name: 'Join' }).click()
    await page.getByText('Please fill this in.').waitFor()

    await page.getByLabel('Microphone on').check()
    // The browser's own microphone beeps.
    await page.locator('meter[value]:not([value="0"])').waitFor()
    await page.getByLabel('Microphone', { exact: true }).selectOption({ index: 1 })
    await page.locator('meter[value]:not([value="0"])').waitFor()
    await page.getByLabel('Camera on').check()
    await page
      .getByLabel('What your camera sees')
      .evaluate((video: HTMLVideoElement) => new Promise((resolve) => video.requestVideoFrameCallback(resolve)))
    await looksRight(t, page)

    await page.getByLabel('Your name').fill('Grace')
    await page.getByRole('button', { name: 'Join' }).click()
    await page.getByRole('heading', { name: 'Join the meeting' }).waitFor({ state: 'detached' })
    t.match((await peopleIn(host, code)).at(-1), {
      display_name: 'Grace',
      speaking_language: 'es',
      listening_language: 'fr',
    })
    t.strictSame(await page.evaluate(() => Object.keys({ ...localStorage, ...sessionStorage })), ['fluentmeet.locale'])
    t.strictSame(complaints, [])
  })

  t.test('devices that are refused are told in words, and one joins without', async (t) => {
    const host = await user()
    const code = await room(host)
    const { page, complaints } = await signedIn(host)
    await page.addInitScript(() => {
      const names = { audio: 'NotAllowedError', video: 'NotFoundError' }
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        throw new DOMException('no', wanted?.audio ? names.audio : names.video)
      }
    })
    await page.goto(`/join/${code}`)
    await page.getByText('You join as Ana Pérez.').waitFor()
    await page.getByLabel('Microphone on').click()
    await page.getByText('This page may not use the microphone.').waitFor()
    t.notOk(await page.getByLabel('Microphone on').isChecked())
    await page.getByLabel('Camera on').click()
    await page.getByText('No camera was found.').waitFor()
    t.strictSame(await seriousIssues(page), [])
    await page.getByRole('button', { name: 'Join' }).click()
    await page.getByRole('heading', { name: 'Join the meeting' }).waitFor({ state: 'detached' })
    t.strictSame(complaints, [])
  })

  t.test('an invitation leaves the address bar at once, and lets one in past a lock', async (t) => {
    const host = await user()
    const code = await room(host)
    await send(base, 'PATCH', `/api/v1/meetings/${code}/config`, { token: host.token, body: { lock_room: true } })
    await post(`/api/v1/meetings/${code}/invite`, host.token, { emails: ['mia@example.org'] })
    const [, invitation] = /#invitation=([\w-]{43})/.exec(await mailTo(base, 'mia@example.org')) ?? []

    const { page, complaints } = await visit(browser, base)
    await page.goto(`/join/${code}#invitation=${invitation}`)
    await page.getByLabel('Your name').fill('Mia')
    t.equal(await page.evaluate(() => location.href), `${base}/join/${code}`)
    await page.getByRole('button', { name: 'Join' }).click()
    await page.getByRole('heading', { name: 'Join the meeting' }).waitFor({ state: 'detached' })
    t.match((await peopleIn(host, code)).at(-1), { display_name: 'Mia' })

    const other = await visit(browser, base)
    await other.page.goto(`/join/${code}#invitation=${invitation}`)
    await other.page.getByLabel('Your name').fill('Max')
    await other.page.getByRole('button', { name: 'Join' }).click()
    await other.page.getByText('This invitation has expired or has been used.').waitFor()
    t.strictSame([...complaints, ...other.complaints], [])
  })

  t.test('why one cannot join is told in words', async (t) => {
    const host = await user()
    const ended = await room(host)
    await post(`/api/v1/meetings/${ended}/end`, host.token)
    const closed = await room(host)
    await send(base, 'PATCH', `/api/v1/meetings/${closed}/config`, { token: host.token, body: { allow_guests: false } })
    const full = await room(host)
    const settings = { max_participants: 2 }
    await send(base, 'PATCH', `/api/v1/meetings/${full}/config`, { token: host.token, body: settings })
    for (const name of ['Ada', 'Bob']) await join(full, undefined, { display_name: name }).catch(() => undefined)
    const { page, complaints } = await visit(browser, base)
    for (const [code, words] of [
      ['odd', 'There is no meeting under this link.'],
      ['a'.repeat(26), 'There is no meeting under this link.'],
      [ended, 'The meeting has ended.'],
      [closed, 'This meeting is not open to guests.'],
      [full, 'The meeting is full.'],
    ]) {
      await page.goto(`/join/${code}`)
      await page.getByLabel('Your name').fill('Grace')
      await page.getByRole('button', { name: 'Join' }).click()
      await page.getByText(words ?? '').waitFor()
    }
    t.strictSame(await seriousIssues(page), [])

    const removed = await user()
    const open = await room(host)
    const { participant } = await join(open, removed.token)
    await post(`/api/v1/meetings/${open}/kick/${participant.id}`, host.token)
    const visitor = await signedIn(removed)
    await visitor.page.goto(`/join/${open}`)
    await visitor.page.getByRole('button', { name: 'Join' }).click()
    await visitor.page.getByText('A host has removed you from this meeting.').waitFor()
    t.strictSame([...complaints, ...visitor.complaints], [])
  })
})

/** Nothing serious for axe-core, in light and in dark, and nothing that scrolls sideways in any language. */
async function looksRight(t: Test, page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    t.strictSame(await seriousIssues(page), [], colorScheme)
  }
  for (const locale of ['es', 'fr', 'en']) {
    await page.locator('select.locale').selectOption(locale)
    await page.locator(`html[lang=${locale}]`).waitFor()
    t.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `fits the width: ${locale}`)
  }
}

/** The mail to an address, once it is out. */
async function mailTo(base: string, address: string): Promise<string> {
  for (;;) {
    const list = await (await fetch(`${base}/dev/outbox`)).text()
    for (const [, path] of list.matchAll(/href="([^"]+)"/g)) {
      const mail = (await (await fetch(`${base}${path}`)).text()).replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=')
      if (mail.includes(`To: ${address}`)) return mail
    }
    await pause()
  }
}
