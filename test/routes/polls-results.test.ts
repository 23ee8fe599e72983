import t from 'tap'
import { pollCounts, pollVoters, pollVotes } from '../../repositories/schema.ts'
import { backends } from '../support/backends.ts'
import { send } from '../support/client.ts'
import { openTestDatabase } from '../support/meetings.ts'
import { openPollApp } from '../support/poll-app.ts'

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    // A handle of the test's own: what is written is looked at where it lies.
    const urls = await backend.open(t)
    const database = await openTestDatabase(t, urls.databaseUrl)
    const app = await openPollApp(t, { ...backend, open: async () => urls }, {}, { database })
    const { ask, close, vote, results, csv, list, opened, open, requests } = app
    const [host, ana] = [await app.user(), await app.user()]
    const code = await app.room(host)
    const anaId = (await app.join(code, ana.token)).participant.id

    await t.test('who sees the result when', async (t) => {
      const coHost = await app.user()
      const { participant } = await app.join(code, coHost.token)
      await send(app.base, 'PATCH', `/api/v1/meetings/${code}/participants/${participant.id}`, {
        ...{ token: host.token, body: { role: 'co_host' } },
      })
      const expected = { live: [200, 200], on_close: [403, 200], hosts: [403, 403] }
      for (const [setting, [before, after]] of Object.entries(expected)) {
        const id = await opened(code, host.token, { results: setting })
        const visible = async () =>
          (await list(code, ana.token)).body.polls.find((poll) => poll.id === id)?.results_visible
        t.equal((await results(id, ana.token)).status, before, `${setting}, open`)
        t.equal((await csv(id, ana.token)).status, before)
        t.equal(await visible(), before === 200)
        for (const { token } of [host, coHost]) t.equal((await results(id, token)).status, 200)
        await close(id, host.token)
        t.equal((await results(id, ana.token)).status, after, `${setting}, closed`)
        t.equal(await visible(), after === 200)
        for (const { token } of [host, coHost]) t.equal((await results(id, token)).status, 200)
      }
    })

    await t.test('voters are named, unless the poll is anonymous', async (t) => {
      const [named, anonymous] = [await opened(code, host.token), await opened(code, host.token, { anonymous: true })]
      for (const id of [named, anonymous]) {
        await vote(id, ana.token, '2')
        await close(id, host.token)
      }
      const voter = { participant_id: anaId, display_name: 'Ana Pérez' }
      t.match((await results(named, host.token)).body.results.options, [
        { id: '1', votes: 0, voters: [] },
        { id: '2', votes: 1, voters: [voter] },
        { id: '3', votes: 0, voters: [] },
      ])
      const { body } = await results(anonymous, ana.token)
      t.same(body.results.options, [
        { id: '1', votes: 0 },
        { id: '2', votes: 1 },
        { id: '3', votes: 0 },
      ])
      t.equal(body.poll.voted, true)
      t.notOk('your_vote' in body.poll)
      const votes = await database.db.select().from(pollVotes)
      t.notOk(votes.some(({ poll_id }) => poll_id === anonymous))
      const [who, what] = [await database.db.select().from(pollVoters), await database.db.select().from(pollCounts)]
      t.same(Object.keys(who[0] ?? {}), ['poll_id', 'voter_id'])
      t.same(Object.keys(what[0] ?? {}), ['poll_id', 'option_id', 'count'])
    })

    await t.test('a table for a spreadsheet, in which nothing is a formula', async (t) => {
      const options = ['=1+1', '+2', '-3', '@SUM(A1)', 'say "hi", you', '\uff1dA1', 'Plain']
      const question = "=cmd|' /C calc'!A0"
      const wild = await app.join(code, undefined, { display_name: '=HYPERLINK("x")' })
      const [named, anonymous] = [
        await opened(code, host.token, { question, options }),
        await opened(code, host.token, { question, options, anonymous: true }),
      ]
      for (const id of [named, anonymous]) {
        await vote(id, wild.guest_token, '1')
        await vote(id, ana.token, '1')
        await close(id, host.token)
      }
      const { status, headers, text } = await csv(named, host.token)
      t.equal(status, 200)
      t.equal(headers.get('content-type'), 'text/csv; charset=utf-8')
      t.equal(
        headers.get('content-disposition'),
        `attachment; filename="Stand-up poll.csv"; filename*=UTF-8''Stand-up%20poll.csv`,
      )
      const asked = `"'=cmd|' /C calc'!A0"`
      t.same(text.split('\r\n'), [
        '"question","option_id","option","votes","voter_id","voter"',
        `${asked},"1","'=1+1","2","${wild.participant.id}","'=HYPERLINK(""x"")"`,
        `${asked},"1","'=1+1","2","${anaId}","Ana Pérez"`,
        `${asked},"2","'+2","0","",""`,
        `${asked},"3","'-3","0","",""`,
        `${asked},"4","'@SUM(A1)","0","",""`,
        `${asked},"5","say ""hi"", you","0","",""`,
        `${asked},"6","'\uff1dA1","0","",""`,
        `${asked},"7","Plain","0","",""`,
        '',
      ])
      const short = (await csv(anonymous, host.token)).text
      t.equal(short.split('\r\n')[1], `${asked},"1","'=1+1","2"`)
      t.notMatch(short, 'HYPERLINK')
      t.notMatch(short, wild.participant.id)
      t.equal(
        (await send(app.base, 'GET', `/api/v1/polls/${named}/results?format=xls`, { token: host.token })).status,
        400,
      )
    })

    await t.test('who comes later reads it in its language, translated once', async (t) => {
      const own = await app.room(host)
      const id = await opened(own, host.token, { question: 'Late?', options: ['Soon', 'Never'] })
      const join = async () =>
        (await app.join(own, undefined, { display_name: crypto.randomUUID(), listening_language: 'es' })).guest_token ??
        ''
      const readers = await Promise.all(Array.from({ length: 4 }, join))
      const shown = {
        ...{ id, question: 'Late? in es', language: 'es', source_language: 'en', source_question: 'Late?' },
        translation: 'translated',
        options: [
          { id: '1', text: 'Soon in es', source_text: 'Soon' },
          { id: '2', text: 'Never in es', source_text: 'Never' },
        ],
      }
      for (const { body } of await Promise.all(readers.map((token) => list(own, token)))) t.match(body.polls, [shown])
      t.equal(requests.filter(({ text }) => text === 'Late?').length, 1)
      t.match((await results(id, readers[0] ?? '')).body.poll, shown)
      t.match((await list(own, host.token)).body.polls, [{ question: 'Late?', translation: 'original' }])
    })

    await t.test('half a translation is none', async (t) => {
      const id = await opened(code, host.token, { question: 'Halves?', options: ['this cannot', 'that'] })
      const reader = await app.join(code, undefined, { display_name: 'Luis', listening_language: 'es' })
      t.match((await results(id, reader.guest_token ?? '')).body.poll, {
        ...{ question: 'Halves?', language: 'en', translation: 'untranslated' },
        options: [{ text: 'this cannot' }, { text: 'that' }],
      })
    })

    await t.test('an account goes, and its votes as the room says', async (t) => {
      for (const deleted_words of ['unname', 'remove']) {
        const [own, gone] = [await app.room(host), await app.user()]
        await send(app.base, 'PATCH', `/api/v1/meetings/${own}/config`, { token: host.token, body: { deleted_words } })
        const { participant } = await app.join(own, gone.token)
        const [named, anonymous] = [await opened(own, host.token), await opened(own, host.token, { anonymous: true })]
        for (const id of [named, anonymous]) {
          await vote(id, gone.token, '1')
          await close(id, host.token)
        }
        const held = await send<Record<string, object[]>>(app.base, 'GET', '/api/v1/users/me/export', {
          token: gone.token,
        })
        t.match(held.body, {
          votes: [{ room_code: own, question: 'Tea or coffee?', option_ids: ['1'] }],
          anonymous_votes: [{ room_code: own, question: 'Tea or coffee?' }],
          polls: [],
        })
        t.notMatch(held.body.anonymous_votes, [{ option_ids: [] }])
        const deleted = await send(app.base, 'DELETE', '/api/v1/users/me', {
          token: gone.token,
          body: { password: gone.password },
        })
        t.equal(deleted.status, 204)
        const [first] = (await results(named, host.token)).body.results.options
        t.equal(first?.votes, deleted_words === 'remove' ? 0 : 1)
        if (deleted_words === 'unname')
          t.same(first?.voters, [{ participant_id: participant.id, display_name: 'Former participant' }])
        t.equal((await results(anonymous, host.token)).body.results.options[0]?.votes, 1)
      }
      const asked = await send<Record<string, object[]>>(app.base, 'GET', '/api/v1/users/me/export', {
        token: host.token,
      })
      t.ok((asked.body.polls?.length ?? 0) > 5)
    })

    await t.test('a host that never came in asks in the language of its profile', async (t) => {
      const made = await send<{ room_code: string }>(app.base, 'POST', '/api/v1/meetings', {
        token: host.token,
        body: { name: 'R' },
      })
      const { body } = await ask(made.body.room_code, host.token)
      t.match(body, { source_language: 'en', voted: false })
      t.equal((await open(body.id, host.token)).status, 200)
      t.match(await vote(body.id, host.token, '1'), { status: 403, body: { message: 'Join the room first.' } })
      const other = await ask(made.body.room_code, host.token, { language: 'fr' })
      t.match(other.body, { source_language: 'fr', translation: 'untranslated' })
    })
  })
}
