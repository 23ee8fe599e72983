import { randomUUID } from 'node:crypto'
import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { registerFormats } from '../../schemas/common.ts'
import { MAX_POLLS, Poll, PollResultsAnswer } from '../../schemas/polls.ts'
import { backends } from '../support/backends.ts'
import { openPollApp } from '../support/poll-app.ts'

registerFormats()

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const app = await openPollApp(t, backend)
    const { ask, open, close, remove, list, vote, results, opened, counts, call } = app
    const [host, ana, ben] = [await app.user(), await app.user(), await app.user()]
    const code = await app.room(host)
    for (const { token } of [ana, ben]) await app.join(code, token)
    const guest = async (display_name = randomUUID()) =>
      (await app.join(code, undefined, { display_name })).guest_token ?? ''

    await t.test('a host asks, people vote, and what they said is counted when it is closed', async (t) => {
      const made = await ask(code, host.token, { question: '  Cafe\u0301 or tea?  ' })
      t.equal(made.status, 201)
      t.ok(Value.Check(Poll, made.body), JSON.stringify([...Value.Errors(Poll, made.body)]))
      t.match(made.body, {
        ...{ room_code: code, question: 'Café or tea?', source_question: 'Café or tea?', language: 'en' },
        ...{ source_language: 'en', translation: 'original', status: 'draft', multiple: false, anonymous: false },
        ...{ changeable: true, results: 'live', opened_at: null, closed_at: null, voted: false, results_visible: true },
        options: [
          { id: '1', text: 'Tea', source_text: 'Tea' },
          { id: '2', text: 'Coffee' },
          { id: '3', text: 'Neither' },
        ],
      })
      const { id } = made.body
      t.match((await open(id, host.token)).body, { status: 'open', opened_at: String })
      const voters = [ana.token, ben.token, host.token, await guest()]
      for (const [i, token] of voters.entries()) {
        const answer = await vote(id, token, i < 3 ? '1' : '2')
        t.match(answer, { status: 202, body: { status: 'accepted' } })
      }
      t.match((await close(id, host.token)).body, {
        status: 'closed',
        closed_at: String,
        voted: true,
        your_vote: ['1'],
      })
      const counted = await results(id, ana.token)
      t.ok(Value.Check(PollResultsAnswer, counted.body), JSON.stringify(counted.body))
      t.match(counted.body, {
        poll: { id, status: 'closed', your_vote: ['1'] },
        results: {
          poll_id: id,
          final: true,
          voter_count: 4,
          options: [
            { id: '1', votes: 3 },
            { id: '2', votes: 1 },
          ],
        },
      })
      t.same(await counts(id, ana.token), [4, 3, 1, 0])
    })

    await t.test('a second vote replaces the first, or is refused, as the poll says', async (t) => {
      const changeable = await opened(code, host.token)
      const final = await opened(code, host.token, { changeable: false })
      const anonymous = await opened(code, host.token, { anonymous: true })
      for (const id of [changeable, final, anonymous]) t.equal((await vote(id, ana.token, '1')).status, 202)
      t.equal((await vote(changeable, ana.token, '2')).status, 202)
      for (const id of [final, anonymous])
        t.match(await vote(id, ana.token, '2'), {
          status: 409,
          body: { code: 'CONFLICT', message: /cannot be changed/ },
        })
      for (const id of [changeable, final, anonymous]) await close(id, host.token)
      t.same(await counts(changeable, ana.token), [1, 0, 1, 0])
      t.same(await counts(final, ana.token), [1, 1, 0, 0])
      t.same(await counts(anonymous, ana.token), [1, 1, 0, 0])
    })

    await t.test('several options where the poll takes several', async (t) => {
      const id = await opened(code, host.token, { multiple: true })
      t.equal((await vote(id, ana.token, '1', '3')).status, 202)
      t.equal((await vote(id, ben.token, '3')).status, 202)
      await close(id, host.token)
      t.same(await counts(id, ana.token), [2, 1, 0, 2])
    })

    await t.test('what cannot be voted for is refused by its name', async (t) => {
      const id = await opened(code, host.token)
      const wrong: Record<string, unknown[]> = {
        'an unknown option': ['4'],
        'one of another spelling': ['01'],
        'two of one': ['1', '2'],
        'the same twice': ['1', '1'],
        none: [],
        'no text': [1],
        'no id': ['a b'],
        'too many': Array.from({ length: 11 }, (_, i) => String(i)),
      }
      for (const [name, option_ids] of Object.entries(wrong)) {
        const { status, body } = await call<object>('POST', `/polls/${id}/vote`, ana.token, { option_ids })
        t.match({ status, code: body.code }, { status: 400, code: 'VALIDATION_ERROR' }, name)
        t.match(body.details?.[0]?.field, /^body\.option_ids/, name)
      }
      t.equal((await call('POST', `/polls/${id}/vote`, ana.token, { option_ids: ['1'], more: 1 })).status, 400)
      t.equal((await vote(randomUUID(), ana.token, '1')).status, 404)
      t.equal((await vote('x', ana.token, '1')).status, 400)
      const multiple = await opened(code, host.token, { multiple: true })
      t.match(await vote(multiple, ana.token, '1', '9'), {
        status: 400,
        body: { details: [{ field: 'body.option_ids' }] },
      })
      await close(id, host.token)
      t.match(await vote(id, ana.token, '1'), {
        status: 409,
        body: { code: 'CONFLICT', message: 'The poll is closed.' },
      })
      t.same(await counts(id, ana.token), [0, 0, 0, 0])
    })

    await t.test('what cannot be asked is refused by its name', async (t) => {
      const wrong: Record<string, [object, RegExp]> = {
        'one option': [{ options: ['a'] }, /^body\.options/],
        'eleven options': [{ options: Array.from({ length: 11 }, (_, i) => `o${i}`) }, /^body\.options/],
        'the same twice': [{ options: ['a', 'b', ' a '] }, /^body\.options\.2$/],
        'an empty option': [{ options: ['a', ' '] }, /^body\.options/],
        'a long option': [{ options: ['a', 'x'.repeat(121)] }, /^body\.options/],
        'markup in an option': [{ options: ['a', '<b>x'] }, /^body\.options/],
        'no question': [{ question: '' }, /^body\.question/],
        'a long question': [{ question: 'x'.repeat(301) }, /^body\.question/],
        'a hidden direction': [{ question: 'x\u202ey' }, /^body\.question/],
        'another way to show results': [{ results: 'never' }, /^body\.results/],
        'a language that is none': [{ language: '1' }, /^body\.language/],
        'an anonymous vote that can be changed': [{ anonymous: true, changeable: true }, /^body\.changeable$/],
        'something else': [{ colour: 'red' }, /^body/],
      }
      for (const [name, [poll, field]] of Object.entries(wrong)) {
        const { status, body } = await ask(code, host.token, poll)
        t.match({ status, code: body.code }, { status: 400, code: 'VALIDATION_ERROR' }, name)
        t.match(body.details?.[0]?.field, field, name)
      }
    })

    await t.test('a draft is for hosts; it is opened once, and what is closed stays closed', async (t) => {
      const { id } = (await ask(code, host.token)).body
      const seen = async (token: string) => (await list(code, token)).body.polls.some((poll) => poll.id === id)
      t.same([await seen(host.token), await seen(ana.token)], [true, false])
      for (const refused of [await vote(id, ana.token, '1'), await results(id, ana.token), await open(id, ana.token)])
        t.match(refused, { status: 404, body: { code: 'NOT_FOUND' } })
      t.match(await vote(id, host.token, '1'), { status: 409, body: { message: 'The poll is not open yet.' } })
      t.match(await close(id, host.token), { status: 409, body: { code: 'CONFLICT' } })
      t.equal((await open(id, host.token)).status, 200)
      t.match(await open(id, host.token), { status: 200, body: { status: 'open' } }, 'again')
      t.equal(await seen(ana.token), true)
      const closed = await Promise.all([close(id, host.token), close(id, host.token)])
      for (const answer of closed) t.match(answer, { status: 200, body: { status: 'closed' } })
      t.match(await open(id, host.token), { status: 409, body: { code: 'CONFLICT' } })
    })

    await t.test('a deleted poll is gone, its votes with it', async (t) => {
      const { id: draft } = (await ask(code, host.token)).body
      const id = await opened(code, host.token)
      await vote(id, ana.token, '1')
      for (const poll of [draft, id]) t.equal((await remove(poll, host.token)).status, 204)
      t.equal((await vote(id, ana.token, '1')).status, 404)
      for (const answer of [await results(id, host.token), await open(id, host.token), await remove(id, host.token)])
        t.equal(answer.status, 404)
      t.notMatch(JSON.stringify((await list(code, host.token)).body), id)
    })

    await t.test('whatever was accepted is counted, also when the poll closes meanwhile', async (t) => {
      const id = await opened(code, host.token, { anonymous: true })
      const tokens = await Promise.all(Array.from({ length: 30 }, () => guest()))
      const votes = tokens.map((token, i) => vote(id, token, String((i % 3) + 1)))
      await Promise.race(votes)
      const [closed, ...answers] = await Promise.all([close(id, host.token), ...votes])
      t.equal(closed.status, 200)
      for (const { status } of answers) t.ok(status === 202 || status === 409, `${status}`)
      const expected = [1, 2, 3].map((option) =>
        answers.filter(({ status }, i) => status === 202 && (i % 3) + 1 === option),
      )
      const accepted = answers.filter(({ status }) => status === 202).length
      t.same(await counts(id, host.token), [accepted, ...expected.map(({ length }) => length)])
      for (const [i, token] of tokens.entries())
        if (answers[i]?.status === 409) t.equal((await vote(id, token, '1')).status, 409)
    })

    await t.test('who leaves or is put out votes no more, at once; who waits not yet', async (t) => {
      const id = await opened(code, host.token)
      const [kicked, left] = [await app.user(), await app.user()]
      const { participant } = await app.join(code, kicked.token)
      await app.join(code, left.token)
      for (const { token } of [kicked, left]) t.equal((await vote(id, token, '1')).status, 202)
      await app.post(`/api/v1/meetings/${code}/kick/${participant.id}`, host.token)
      await app.post(`/api/v1/meetings/${code}/leave`, left.token)
      for (const { token } of [kicked, left]) {
        t.match(await vote(id, token, '2'), { status: 403, body: { code: 'FORBIDDEN' } })
        t.equal((await results(id, token)).status, 403)
        t.equal((await list(code, token)).status, 403)
      }
      await call('PATCH', `/meetings/${code}/config`, host.token, { lock_room: true })
      const waiting = await app.user()
      await app.join(code, waiting.token)
      for (const refused of [await vote(id, waiting.token, '1'), await list(code, waiting.token)])
        t.match(refused, { status: 403, body: { message: 'Wait to be admitted.' } })
      await call('POST', `/meetings/${code}/admit-all`, host.token)
      t.equal((await vote(id, waiting.token, '1')).status, 202)
      await call('PATCH', `/meetings/${code}/config`, host.token, { lock_room: false })
    })

    await t.test('a room ends with its polls; those who were there read on', async (t) => {
      const own = await app.room(host)
      await app.join(own, ana.token)
      const [id, { id: draft }] = [await opened(own, host.token), (await ask(own, host.token)).body]
      await vote(id, ana.token, '2')
      t.equal(await app.post(`/api/v1/meetings/${own}/end`, host.token), 204)
      t.match(await vote(id, ana.token, '1'), { status: 409 })
      t.match((await results(id, ana.token)).body, {
        poll: { status: 'closed' },
        results: { final: true, voter_count: 1 },
      })
      t.match(await open(draft, host.token), { status: 409, body: { code: 'ROOM_ENDED' } })
      t.match(await ask(own, host.token), { status: 409, body: { code: 'ROOM_ENDED' } })
      t.equal((await results(id, ben.token)).status, 404)
      await call('DELETE', `/meetings/${own}`, host.token)
      t.equal((await results(id, host.token)).status, 404)
    })

    await t.test('a room has only so many polls', async (t) => {
      const own = await app.room(host)
      const answers = await Promise.all(Array.from({ length: MAX_POLLS + 3 }, () => ask(own, host.token)))
      t.equal(answers.filter(({ status }) => status === 201).length, MAX_POLLS)
      t.match(
        answers.find(({ status }) => status !== 201),
        { status: 409, body: { code: 'CONFLICT' } },
      )
    })
  })
}
