import { randomUUID } from 'node:crypto'
import t from 'tap'
import { createApertium } from '../../pipeline/apertium/apertium.ts'
import { buildTestApp } from '../helper.ts'
import { backends } from '../support/backends.ts'

const silent = { warn() {}, error() {}, info() {}, debug() {} }
const body = { text: 'The meeting starts at nine.', source_language: 'en', target_language: 'es' }

for (const backend of backends) {
  t.test(`the pipeline over HTTP, ${backend.name}`, async (t) => {
    const translator = createApertium({ log: silent })
    const app = await buildTestApp(t, { backend, overrides: { translator } })
    const bearer = () => ({
      authorization: `Bearer ${app.services.tokens.issueAccess(randomUUID(), randomUUID()).token}`,
    })
    const translate = (payload: object, headers: Record<string, string>) =>
      app.inject({ method: 'POST', url: '/api/v1/pipeline/translations', payload, headers })

    await t.test('anybody may ask what can be translated now', async (t) => {
      const answer = await app.inject('/api/v1/pipeline/languages')
      t.equal(answer.statusCode, 200)
      const { translation, transcription } = answer.json()
      t.equal(translation.engine, 'apertium')
      t.ok(
        translation.pairs.some(
          (pair: { source: string; target: string }) => pair.source === 'en' && pair.target === 'es',
        ),
      )
      t.strictSame(transcription.languages, [], 'what cannot be done is not claimed')
    })

    await t.test('a text is translated by the engine, which is named', async (t) => {
      const answer = await translate(body, bearer())
      t.equal(answer.statusCode, 200)
      t.match(answer.json(), { source_language: 'en', target_language: 'es', engine: 'apertium' })
      t.match(answer.json().text, /reunión/i)
    })

    await t.test('a pair that nobody serves is 422, a stranger 401, a bad body 400 with the field', async (t) => {
      const unserved = await translate({ ...body, target_language: 'ja' }, bearer())
      t.equal(unserved.statusCode, 422)
      t.equal(unserved.json().code, 'UNPROCESSABLE')
      t.equal((await translate(body, {})).json().code, 'UNAUTHENTICATED')
      for (const [field, change] of [
        ['body.text', { text: '' }],
        ['body.text', { text: 'x'.repeat(5001) }],
        ['body.text', { text: 7 }],
        ['body.target_language', { target_language: '../../etc' }],
        ['body.engine', { engine: 'mine' }],
      ] as const) {
        const refused = await translate({ ...body, ...change }, bearer())
        t.equal(refused.statusCode, 400)
        t.equal(refused.json().details[0].field, field)
      }
    })

    await t.test('a user gets thirty a minute, and another user is not held up by that', async (t) => {
      const headers = bearer()
      const answers = await Promise.all(Array.from({ length: 35 }, () => translate(body, headers)))
      t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 30)
      const refused = answers.filter(({ statusCode }) => statusCode === 429)
      t.equal(refused.length, 5)
      t.match(refused[0]?.headers, { 'ratelimit-policy': '"pipeline";q=30;w=60', 'retry-after': /^\d+$/ })
      t.equal((await translate(body, bearer())).statusCode, 200)
    })
  })
}

t.test('without an engine nothing is claimed and nothing invented', async (t) => {
  const app = await buildTestApp(t, { overrides: { translator: null } })
  t.strictSame((await app.inject('/api/v1/pipeline/languages')).json().translation.pairs, [])
  const { token } = app.services.tokens.issueAccess(randomUUID(), randomUUID())
  const headers = { authorization: `Bearer ${token}` }
  const answer = await app.inject({ method: 'POST', url: '/api/v1/pipeline/translations', payload: body, headers })
  t.equal(answer.statusCode, 422)
})
