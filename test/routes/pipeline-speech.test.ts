import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { EngineError } from '../../pipeline/engine-error.ts'
import { readWav } from '../../pipeline/wav.ts'
import { buildTestApp, type TestAppOptions } from '../helper.ts'
import { backends } from '../support/backends.ts'
import { countingSynthesizer } from '../support/engine-doubles.ts'

const body = { text: 'See you on Friday.', language: 'en' }

async function open(t: Test, options: TestAppOptions = {}) {
  const { synthesizer, requests } = countingSynthesizer()
  const overrides = { engines: { synthesizers: [synthesizer], transcribers: [] }, ...options.overrides }
  const app = await buildTestApp(t, { ...options, overrides })
  const bearer = () => {
    const { token } = app.services.tokens.issueAccess(randomUUID(), randomUUID())
    return { authorization: `Bearer ${token}` }
  }
  const speak = (payload: object, headers: Record<string, string> = bearer()) =>
    app.inject({ method: 'POST', url: '/api/v1/pipeline/speech', payload, headers })
  return { app, bearer, speak, requests }
}

for (const backend of backends)
  t.test(`texts as speech, ${backend.name}`, async (t) => {
    const { app, bearer, speak, requests } = await open(t, { backend })

    await t.test('the answer is a WAV file whose header is right', async (t) => {
      const answer = await speak(body)
      t.equal(answer.statusCode, 200)
      t.match(answer.headers, { 'content-type': 'audio/wav', 'content-disposition': 'inline; filename="speech.wav"' })
      const file = answer.rawPayload
      t.equal(Number(answer.headers['content-length']), file.length)
      t.equal(file.readUInt32LE(4), file.length - 8, 'the size in the header')
      t.equal(file.readUInt32LE(40), file.length - 44, 'the size of the samples')
      t.match(readWav(file), { sample_rate: 22_050, pcm: Buffer.alloc(body.text.length * 2, 7) })
    })

    await t.test('a language with a region and a voice go to the engine', async (t) => {
      t.equal((await speak({ ...body, language: 'pt-BR', voice: 'pt-br+f3' })).statusCode, 200)
      t.match(requests.at(-1), { language: 'pt', voice: 'pt-br+f3' })
      t.equal((await speak({ ...body, text: 'x'.repeat(4_096) })).statusCode, 200)
    })

    await t.test('what nobody speaks is a 422, a bad body a 400 with the field, a stranger a 401', async (t) => {
      const before = requests.length
      t.match((await speak({ ...body, language: 'ja' })).json(), { code: 'UNPROCESSABLE', message: /ja/ })
      t.equal((await speak(body, {})).json().code, 'UNAUTHENTICATED')
      for (const [field, change] of [
        ['body.text', { text: '' }],
        ['body.text', { text: ' \n ' }],
        ['body.text', { text: 'x'.repeat(4_097) }],
        ['body.text', { text: 'a\u0000b' }],
        ['body.language', { language: 'english please' }],
        ['body.voice', { voice: '-w/tmp/x' }],
        ['body.voice', { voice: '../../etc/passwd' }],
        ['body.voice', { voice: 'v'.repeat(65) }],
        ['body.speed', { speed: 2 }],
      ] as const) {
        const answer = await speak({ ...body, ...change })
        t.equal(answer.statusCode, 400, field)
        t.equal(answer.json().details[0].field, field)
      }
      t.equal(requests.length, before)
    })

    await t.test('it counts with translations and recordings', async (t) => {
      const headers = bearer()
      const translate = () =>
        app.inject({ method: 'POST', url: '/api/v1/pipeline/translations', payload: { text: 'x' }, headers })
      for (let count = 0; count < 15; count++) {
        t.equal((await speak(body, headers)).statusCode, 200)
        t.equal((await translate()).statusCode, 400)
      }
      t.match((await speak(body, headers)).json(), { code: 'RATE_LIMIT_EXCEEDED' })
      t.equal((await speak(body)).statusCode, 200, 'another user is not held up')
    })
  })

t.test('a day’s allowance is counted in characters, and what is not spoken costs nothing', async (t) => {
  const { bearer, speak } = await open(t, { config: { allowanceCharactersPerDay: 100 } })
  const headers = bearer()
  t.equal((await speak({ ...body, text: 'x'.repeat(60) }, headers)).statusCode, 200)
  t.equal((await speak({ text: 'x'.repeat(40), language: 'ja' }, headers)).statusCode, 422)
  t.match((await speak({ ...body, text: 'x'.repeat(41) }, headers)).json(), { code: 'RATE_LIMIT_EXCEEDED' })
  t.equal((await speak({ ...body, text: 'x'.repeat(40) }, headers)).statusCode, 200)
})

t.test('a voice that the engine does not have is a 422; an engine that fails is a 503 that says nothing', async (t) => {
  const { synthesizer } = countingSynthesizer()
  const failing = {
    ...synthesizer,
    async synthesize({ voice }: { voice?: string }): Promise<never> {
      throw voice ? new EngineError('counting', 'rejected', 'no such voice') : new Error('a secret of the inside')
    },
  }
  const { speak } = await open(t, { overrides: { engines: { synthesizers: [failing], transcribers: [] } } })
  t.match((await speak({ ...body, voice: 'nobody' })).json(), { code: 'UNPROCESSABLE', message: /voice/ })
  const failed = await speak(body)
  t.equal(failed.statusCode, 503)
  t.equal(failed.json().code, 'PROVIDER_UNAVAILABLE')
  t.notMatch(failed.body, /secret/)
})
