import { randomUUID } from 'node:crypto'
import t from 'tap'
import { buildTestApp } from '../helper.ts'
import { form, UPLOADS, type UploadName, upload } from '../support/uploads.ts'

// The engines load their models first.
t.setTimeout(240_000)

const app = await buildTestApp(t, { config: { sttEngine: 'embedded', ttsEngine: 'embedded' } })
const { token } = app.services.tokens.issueAccess(randomUUID(), randomUUID())
const authorization = `Bearer ${token}`

function transcribe(content: Buffer) {
  const { headers, payload } = form(
    { name: 'file', filename: 'recording', content },
    { name: 'language', content: 'en' },
  )
  const url = '/api/v1/pipeline/transcriptions'
  return app.inject({ method: 'POST', url, headers: { ...headers, authorization }, payload })
}

const words = (text: string) => text.toLowerCase().replaceAll(/[^a-z ]/g, '')

t.test('the embedded engine writes down the same sentence from every format', async (t) => {
  for (const name of Object.keys(UPLOADS) as UploadName[]) {
    const answer = await transcribe(upload(name))
    t.equal(answer.statusCode, 200, name)
    const { text, language, segments, duration_s } = answer.json()
    t.equal(words(text), 'you are currently the only person in this conference', name)
    t.equal(language, 'en')
    t.ok(segments.length > 0)
    for (const { start_s, end_s } of segments) t.ok(start_s >= 0 && end_s > start_s && end_s <= duration_s + 0.01)
  }
})

t.test('what the embedded engine says it can also write down', async (t) => {
  const said = await app.inject({
    ...{ method: 'POST', url: '/api/v1/pipeline/speech', headers: { authorization } },
    payload: { text: 'The meeting starts at nine. Please close the door.', language: 'en' },
  })
  t.equal(said.statusCode, 200)
  const heard = await transcribe(said.rawPayload)
  t.equal(heard.statusCode, 200)
  // A synthetic voice is heard with a word wrong now and then; nobody made these up, though.
  t.match(words(heard.json().text), /meeting.*close the door/)
})

t.test('a voice that is not there is a 422', async (t) => {
  const url = '/api/v1/pipeline/speech'
  const payload = { text: 'Hello.', language: 'en', voice: 'nobody' }
  const answer = await app.inject({ method: 'POST', url, headers: { authorization }, payload })
  t.match(answer.json(), { code: 'UNPROCESSABLE', message: /voice/ })
})
