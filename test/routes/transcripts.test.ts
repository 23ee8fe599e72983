import { Value } from '@sinclair/typebox/value'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { createCaptionsRepository } from '../../repositories/captions.ts'
import { captions as captionsTable, participants as participantsTable } from '../../repositories/schema.ts'
import { registerFormats } from '../../schemas/common.ts'
import { Transcript } from '../../schemas/transcripts.ts'
import { MAX_TRANSLATED } from '../../services/transcripts/reading.ts'
import { backends } from '../support/backends.ts'
import { send } from '../support/client.ts'
import { parseSrt, parseVtt } from '../support/subtitles.ts'
import { openTranscripts } from '../support/transcripts.ts'

const DAY_MS = 86_400_000
registerFormats()

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { app, base, db, roomOf, advance, user, room, join, say, read, captions } = await openTranscripts(t, backend)
    const host = await user('en')
    const texts = async (code: string, token: string) => (await captions(code, token)).map(({ text }) => text)
    /** A room in which its host has said something. */
    async function spokenRoom(settings: object = {}) {
      const code = await room(host, settings)
      const { id } = await join(code, host.token)
      await say(code, id, 'Good morning')
      return { code, hostId: id }
    }

    await t.test('what was said is read at once, with speakers and times, in each format', async (t) => {
      const { code, hostId } = await spokenRoom()
      const guest = await join(code, null, { display_name: 'Béa <3', speaking_language: 'fr' })
      await say(code, guest.id, 'a --> b & c')
      await say(code, hostId, 'Bye')
      const json = await read(code, host.token)
      t.equal(json.headers.get('content-type'), 'application/json; charset=utf-8')
      const transcript = JSON.parse(json.text)
      t.ok(Value.Check(Transcript, transcript), JSON.stringify([...Value.Errors(Transcript, transcript)]))
      t.match(transcript, {
        room: { room_code: code, name: 'Room' },
        language: null,
        captions: [
          { start_s: 0, speaker: { id: hostId, display_name: 'Ana Pérez' }, text: 'Good morning', language: 'en' },
          { speaker: { id: guest.id, display_name: 'Béa <3' }, text: 'a --> b & c', source_language: 'fr' },
          { text: 'Bye', status: 'original' },
        ],
      })
      const spoken = ['Good morning', 'a --> b & c', 'Bye']
      const vtt = await read(code, host.token, '?format=vtt')
      t.equal(vtt.headers.get('content-type'), 'text/vtt; charset=utf-8')
      t.same(
        parseVtt(vtt.text).map(({ text }) => text),
        spoken,
      )
      const srt = await read(code, host.token, '?format=srt')
      t.equal(srt.headers.get('content-type'), 'application/x-subrip; charset=utf-8')
      t.same(
        parseSrt(srt.text).map(({ text }) => text),
        spoken,
      )
      const txt = await read(code, host.token, '?format=txt')
      t.equal(txt.headers.get('content-type'), 'text/plain; charset=utf-8')
      t.match(txt.text, /^\[00:00:00\] Ana Pérez: Good morning\n\[00:00:0\d\] Béa <3: a --> b & c\n/)
      for (const { headers } of [json, vtt, srt, txt]) {
        t.match(headers.get('content-disposition'), /^attachment; filename="Room transcript\.\w+"; filename\*=UTF-8''/)
        t.equal(headers.get('cache-control'), 'no-store')
        t.equal(headers.get('x-content-type-options'), 'nosniff')
      }
    })

    await t.test('what it cannot be asked for is refused by name', async (t) => {
      const { code } = await spokenRoom()
      for (const query of ['?format=pdf', '?language=1', '?x=1', '?format=vtt&format=srt'])
        t.equal((await read(code, host.token, query)).status, 400, query)
    })

    await t.test('those who were there read all of it, also when it is over; nobody else', async (t) => {
      const { code, hostId } = await spokenRoom()
      const [there, stranger] = [await user(), await user()]
      const { id } = await join(code, there.token)
      const setStatus = (status: string) =>
        db.update(participantsTable).set({ status }).where(eq(participantsTable.id, id))
      t.same(await texts(code, there.token), ['Good morning'], 'also what was said before')
      for (const status of ['waiting', 'rejected', 'kicked']) {
        await setStatus(status)
        const refused = await read(code, there.token)
        t.equal(refused.status, 403, status)
        t.notMatch(refused.text, 'Good morning')
      }
      await setStatus('withdrawn')
      t.equal((await read(code, there.token)).status, 404)
      await setStatus('joined')
      t.equal((await read(code, stranger.token)).status, 404)
      const elsewhere = await join(await room(host), null, { display_name: 'Guest' })
      t.equal((await read(code, elsewhere.token)).status, 404, 'the guest of another room')
      t.equal((await fetch(`${base}/api/v1/meetings/${code}/transcript`)).status, 401)
      await send(base, 'POST', `/api/v1/meetings/${code}/leave`, { token: there.token })
      t.same(await texts(code, there.token), ['Good morning'], 'one who has left')
      await say(code, hostId, 'One more thing')
      t.equal((await send(base, 'POST', `/api/v1/meetings/${code}/end`, { token: host.token })).status, 204)
      for (const reader of [host, there]) {
        t.same(await texts(code, reader.token), ['Good morning', 'One more thing'], 'after the end')
      }
    })

    await t.test(
      'a host who never came in reads it; a guest reads from when it came, while its token lives',
      async (t) => {
        const { body } = await send<{ room_code: string }>(base, 'POST', '/api/v1/meetings', {
          token: host.token,
          body: { name: 'Without me' },
        })
        const code = body.room_code
        const early = await join(code, null, { display_name: 'Early' })
        await say(code, early.id, 'Is anybody there?')
        await new Promise((resolve) => setTimeout(resolve, 5))
        const late = await join(code, null, { display_name: 'Late' })
        await say(code, late.id, 'I am')
        t.same(await texts(code, host.token), ['Is anybody there?', 'I am'])
        t.same(await texts(code, early.token), ['Is anybody there?', 'I am'])
        t.same(await texts(code, late.token), ['I am'])
        t.match(await captions(code, late.token), [{ start_s: 0 }], 'times begin with what it may read')
        await send(base, 'POST', `/api/v1/meetings/${code}/leave`, { token: late.token })
        t.equal((await read(code, late.token)).status, 401)
      },
    )

    await t.test('the newest revision stands in the place of the first; what came twice stands once', async (t) => {
      const { code, hostId } = await spokenRoom()
      await say(code, hostId, 'I scream', { id: 'c1', revision: 0 })
      await say(code, hostId, 'In between')
      t.same(await texts(code, host.token), ['Good morning', 'I scream', 'In between'])
      await say(code, hostId, 'Ice cream', { id: 'c1', revision: 2 })
      await say(code, hostId, 'Eyes cream', { id: 'c1', revision: 1 })
      await say(code, hostId, 'In between', { id: 'c2' })
      await say(code, hostId, 'In between', { id: 'c2' })
      t.same(await texts(code, host.token), ['Good morning', 'Ice cream', 'In between', 'In between'])
      await say(code, hostId, 'at first', { id: 'c3', revision: 0 })
      await say(code, hostId, 'at last', { id: 'c3', revision: 1 })
      t.same((await texts(code, host.token)).slice(4), ['at last'], 'both saved at once')
    })

    await t.test('a room that keeps nothing has nothing written', async (t) => {
      for (const settings of [{ retention_days: 0 }, { enable_transcription: false }]) {
        const { code } = await spokenRoom(settings)
        t.same(await texts(code, host.token), [])
        t.equal((await read(code, host.token, '?format=vtt')).text, 'WEBVTT\n\n')
        await app.services.transcriptWorker.saveNow((await roomOf(code)).id)
        t.same(
          await db
            .select()
            .from(captionsTable)
            .where(eq(captionsTable.room_id, (await roomOf(code)).id)),
          [],
        )
        await send(base, 'PATCH', `/api/v1/meetings/${code}/config`, {
          token: host.token,
          body: { retention_days: 30, enable_transcription: true },
        })
        t.same(await texts(code, host.token), [], 'not afterwards either')
      }
    })

    await t.test('a long transcript comes whole and in order; too much to translate is refused', async (t) => {
      const { code, hostId } = await spokenRoom()
      const { id: room_id } = await roomOf(code)
      const record = (n: number, texts = {}) => ({
        ...{ room_id, at: new Date(Date.now() - 10_000_000 + n * 1000), seq: n + 10, caption_id: `n${n}`, revision: 0 },
        ...{ participant_id: hostId, speaker_name: 'Ana', language: 'en', text: `No. ${n}`, texts },
      })
      const all = Array.from({ length: MAX_TRANSLATED }, (_, n) => record(n))
      for (let from = 0; from < all.length; from += 500)
        await createCaptionsRepository(db).insert(all.slice(from, from + 500))
      const said = await texts(code, host.token)
      t.same(said, [...all.map(({ text }) => text), 'Good morning'])
      const refused = await read(code, host.token, '?language=es')
      t.equal(refused.status, 422)
      t.match(JSON.parse(refused.text), { code: 'UNPROCESSABLE', message: /2000 captions/ })
      t.equal((await read(code, host.token, '?language=en-GB')).status, 200, 'nothing to translate')
    })

    await t.test(
      'deleting an account unnames or removes its words, as the host chose, also those on their way',
      async (t) => {
        const ben = await user()
        const cases = []
        for (const deleted_words of ['unname', 'remove']) {
          const { code } = await spokenRoom({ deleted_words })
          const { id } = await join(code, ben.token)
          await say(code, id, `first of ${deleted_words}`)
          t.equal((await texts(code, host.token)).length, 2)
          cases.push({ code, id, deleted_words })
        }
        const own: object[] = []
        for await (const words of app.services.transcripts.ofUser(ben.userId)) own.push(words)
        t.match(
          own.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
          cases
            .map(({ code, deleted_words }) => ({
              room_code: code,
              room_name: 'Room',
              text: `first of ${deleted_words}`,
            }))
            .toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
        )
        // Said so late that it is not saved yet when the account goes.
        for (const { code, id } of cases) await say(code, id, 'second')
        const gone = await send(base, 'DELETE', '/api/v1/users/me', {
          token: ben.token,
          body: { password: ben.password },
        })
        t.equal(gone.status, 204)
        for (const { code, id, deleted_words } of cases) {
          // As if it had been on its way all the time.
          const { roomEvents } = app.services.state
          await roomEvents.append((await roomOf(code)).id, {
            ...{ type: 'caption', id: 'late', revision: 0, final: true, texts: {} },
            ...{ speaker: { id, display_name: 'Ana Pérez' }, source_text: 'third', source_language: 'en' },
          })
          const { text } = await read(code, host.token)
          const ofBen = JSON.parse(text).captions.filter(
            (caption: { speaker: { id: string } }) => caption.speaker.id === id,
          )
          if (deleted_words === 'remove') t.same(ofBen, [])
          else
            t.match(ofBen, [
              { text: 'first of unname', speaker: { display_name: 'Former participant' } },
              { text: 'second', speaker: { display_name: 'Former participant' } },
              { text: 'third', speaker: { display_name: 'Former participant' } },
            ])
          t.equal(JSON.parse(text).captions[0].speaker.display_name, 'Ana Pérez', "others' stay")
        }
      },
    )

    // Last: the clock stays ahead.
    await t.test('nobody reads what is no longer kept, and upkeep erases it', async (t) => {
      const [short, long] = [await spokenRoom({ retention_days: 1 }), await spokenRoom({ retention_days: 3 })]
      t.same(await texts(short.code, host.token), ['Good morning'])
      t.same(await texts(long.code, host.token), ['Good morning'])
      advance(2 * DAY_MS)
      t.same(await texts(short.code, host.token), [])
      const rows = async (code: string) =>
        db
          .select()
          .from(captionsTable)
          .where(eq(captionsTable.room_id, (await roomOf(code)).id))
      t.equal((await rows(short.code)).length, 1)
      await app.services.transcripts.purge()
      t.equal((await rows(short.code)).length, 0)
      t.equal((await rows(long.code)).length, 1)
      t.same(await texts(long.code, host.token), ['Good morning'])
      await app.services.transcriptWorker.saveNow((await roomOf(short.code)).id)
      t.equal((await rows(short.code)).length, 0, 'and it does not come back')
    })
  })
}
