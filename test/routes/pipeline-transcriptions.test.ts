import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { buildTestApp, type TestAppOptions } from '../helper.ts'
import { backends } from '../support/backends.ts'
import { countingTranscriber } from '../support/engine-doubles.ts'
import { form, type Part, toneWav, UPLOADS, type UploadName, upload } from '../support/uploads.ts'

// Every file is opened by a process of its own.
t.setTimeout(240_000)

const URL_PATH = '/api/v1/pipeline/transcriptions'
const MB = 1024 * 1024
const names = Object.keys(UPLOADS) as UploadName[]
const file = (content: Buffer, filename = 'recording'): Part => ({ name: 'file', filename, content })

async function open(t: Test, options: TestAppOptions = {}) {
  let answering = async (): Promise<void> => undefined
  const { transcriber, requests } = countingTranscriber(() => answering())
  const app = await buildTestApp(t, {
    ...options,
    overrides: { engines: { transcribers: [transcriber], synthesizers: [] } },
  })
  const bearer = () => {
    const { token } = app.services.tokens.issueAccess(randomUUID(), randomUUID())
    return { authorization: `Bearer ${token}` }
  }
  const send = (parts: Part[], headers: Record<string, string> = bearer()) => {
    const { headers: type, payload } = form(...parts)
    return app.inject({ method: 'POST', url: URL_PATH, headers: { ...type, ...headers }, payload })
  }
  return {
    ...{ app, bearer, send, requests },
    /** What the engine waits for before it answers. */
    answersAfter(wait: () => Promise<void>) {
      answering = wait
    },
  }
}

for (const backend of backends)
  t.test(`transcripts of recordings, ${backend.name}`, async (t) => {
    const { send, bearer, requests } = await open(t, { backend })

    await t.test('the language may come before the file or after it', async (t) => {
      const language: Part = { name: 'language', content: 'es-CO' }
      for (const parts of [
        [language, file(upload('wav'))],
        [file(upload('wav')), language],
      ])
        t.match((await send(parts)).json(), { language: 'es' })
      t.equal(requests.at(-1)?.language, 'es')
    })

    await t.test('a form that is wrong is a 400 with the field, and no engine works for it', async (t) => {
      const before = requests.length
      const wav = file(upload('wav'))
      const cases: [field: string, parts: Part[]][] = [
        ['body.file', []],
        ['body.file', [{ name: 'language', content: 'en' }]],
        ['body.file', [{ name: 'file', content: 'a text in its place' }]],
        ['body.file', [wav, wav]],
        ['body.extra', [wav, { name: 'extra', content: 'x' }]],
        ['body.extra', [{ ...wav, name: 'extra' }, wav]],
        ['body.language', [wav, { name: 'language', content: '../../etc' }]],
        ['body.language', [wav, { name: 'language', content: 'e'.repeat(1_000) }]],
        ['body.language', [wav, { name: 'language', filename: 'x', content: 'en' }]],
        ['body.language', [wav, { name: 'language', content: 'en' }, { name: 'language', content: 'es' }]],
      ]
      for (const [field, parts] of cases) {
        const answer = await send(parts)
        t.equal(answer.statusCode, 400, field)
        t.match(answer.json(), { code: 'VALIDATION_ERROR', details: [{ field }] })
      }
      t.equal(requests.length, before)
    })

    await t.test('the three calls of a user are limited together', async (t) => {
      const headers = bearer()
      const statuses: number[] = []
      for (let count = 0; count < 31; count++) statuses.push((await send([], headers)).statusCode)
      t.same([...new Set(statuses.slice(0, 30))], [400])
      t.equal(statuses[30], 429)
    })
  })

const { app, bearer, send, requests, answersAfter } = await open(t, {
  config: { maxAudioSizeMb: 8, allowanceAudioMinutesPerDay: 1 },
})
const base = await app.listen({ port: 0, host: '127.0.0.1' })

t.test('every format is told by its content, whatever its name says', async (t) => {
  for (const name of names) {
    const answer = await send([file(upload(name), 'minutes.pdf')])
    t.equal(answer.statusCode, 200, name)
    const { duration_s, segments, ...rest } = answer.json()
    t.ok(duration_s > 3.1 && duration_s < 3.22, `${name}: ${duration_s}`)
    t.match(rest, { text: /^\d+ samples$/, language: 'en' })
    t.same(Object.keys(rest), ['text', 'language'])
    t.match(segments, [{ start_s: 0, text: rest.text }])
  }
})

t.test('a file that is no recording, or none that is whole, is refused', async (t) => {
  const cases: [status: number, code: string, content: Buffer][] = [
    [415, 'UNSUPPORTED_MEDIA_TYPE', Buffer.from('This is a text.')],
    [415, 'UNSUPPORTED_MEDIA_TYPE', Buffer.alloc(50_000)],
    [422, 'UNPROCESSABLE', Buffer.alloc(0)],
    [422, 'UNPROCESSABLE', upload('mp3').subarray(0, 9_000)],
    [413, 'PAYLOAD_TOO_LARGE', toneWav(901, 4_000)],
  ]
  for (const [status, code, content] of cases) {
    const answer = await send([file(content, 'recording.wav')])
    t.equal(answer.statusCode, status)
    t.equal(answer.json().code, code)
  }
  const unserved = await send([file(upload('wav')), { name: 'language', content: 'ja' }])
  t.match(unserved.json(), { code: 'UNPROCESSABLE', message: /ja/ })
})

t.test('strangers and other bodies than forms are turned away', async (t) => {
  t.equal((await send([file(upload('wav'))], {})).json().code, 'UNAUTHENTICATED')
  const post = (type: string | undefined, payload: string, url = URL_PATH) =>
    app.inject({ method: 'POST', url, payload, headers: { ...bearer(), ...(type ? { 'content-type': type } : {}) } })
  t.equal((await post('application/json', '{"file":""}')).statusCode, 415, 'no JSON, that would pass for a form')
  t.equal((await post('audio/wav', 'RIFF')).statusCode, 415)
  t.equal((await post('multipart/form-data', 'x')).json().code, 'MALFORMED_REQUEST', 'a form without a boundary')
  t.equal((await post('multipart/form-data; boundary=x', '--x\r\ncontent-dis')).json().code, 'MALFORMED_REQUEST')
  const elsewhere = await post('multipart/form-data; boundary=x', '--x--', '/api/v1/pipeline/translations')
  t.equal(elsewhere.statusCode, 415, 'no other route takes forms')
})

t.test('a day’s allowance is counted in seconds of sound', async (t) => {
  const headers = bearer()
  t.equal((await send([file(toneWav(40))], headers)).statusCode, 200)
  t.equal((await send([file(upload('wav')), { name: 'language', content: 'ja' }], headers)).statusCode, 422)
  const refused = await send([file(toneWav(40))], headers)
  t.match(refused.json(), { code: 'RATE_LIMIT_EXCEEDED' })
  t.match(refused.headers['retry-after'], /^\d+$/)
  t.equal((await send([file(toneWav(15))], headers)).statusCode, 200, 'what is left can be used')
})

t.test('a file that is too large is refused without being read', async (t) => {
  const { port } = new URL(base)
  const head = [
    'POST /api/v1/pipeline/transcriptions HTTP/1.1',
    'host: localhost',
    `authorization: ${bearer().authorization}`,
  ]
  const part = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'

  async function talk(lines: string[], body: (write: (bytes: Buffer) => Promise<boolean>) => Promise<void>) {
    const socket = connect(Number(port), '127.0.0.1')
    t.teardown(() => socket.destroy())
    let answer = ''
    let closed = false
    socket.on('data', (piece) => {
      answer += piece
    })
    socket
      .on('error', () => undefined)
      .once('close', () => {
        closed = true
      })
    socket.write([...lines, 'content-type: multipart/form-data; boundary=x', '', ''].join('\r\n'))
    await body(async (bytes) => {
      if (closed || answer !== '') return false
      if (!socket.write(bytes)) await Promise.race([once(socket, 'drain'), once(socket, 'close')])
      return true
    })
    if (!closed) await once(socket, 'close')
    return answer
  }

  t.match(await talk([...head, `content-length: ${9 * MB}`], async () => undefined), /^HTTP\/1\.1 413 /, 'said before')
  const chunk = (bytes: Buffer) =>
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
  for (const [name, begin] of [
    ['in the file', part],
    ['before the first part', ''],
    ['in the headers of a part', '--x\r\n'],
  ] as const) {
    let sent = 0
    const answer = await talk([...head, 'transfer-encoding: chunked'], async (write) => {
      if (begin !== '') await write(chunk(Buffer.from(begin)))
      const piece = chunk(Buffer.alloc(64 * 1024, 97))
      while (sent < 64 * MB && (await write(piece))) {
        sent += piece.length
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    t.ok(sent < 32 * MB, `${name}: ${sent} bytes went out`)
    if (answer !== '') t.match(answer, /^HTTP\/1\.1 4(?:13|00) /, name)
  }
})

t.test('who hangs up is not worked for', async (t) => {
  const started = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  answersAfter(() => {
    started.resolve()
    return released.promise
  })
  t.teardown(() => answersAfter(async () => undefined))
  const gone = new AbortController()
  const { headers, payload } = form(file(upload('wav')))
  const asking = fetch(`${base}${URL_PATH}`, {
    method: 'POST',
    headers: { ...headers, ...bearer() },
    body: new Uint8Array(payload),
    signal: gone.signal,
  })
  await started.promise
  const aborted = new Promise((resolve) => requests.at(-1)?.signal?.addEventListener('abort', resolve, { once: true }))
  gone.abort()
  await t.rejects(asking, { name: 'AbortError' })
  await aborted
  released.resolve()
  t.pass('the engine was told')
})

t.test('hostile files and forms: never a 5xx, never a hang, and nothing is left behind', async (t) => {
  const before = readdirSync(tmpdir()).sort()
  const mutants = fc.record({
    name: fc.constantFrom(...names),
    inForm: fc.boolean(),
    changes: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
      minLength: 1,
      maxLength: 20,
    }),
  })
  const damage = (bytes: Buffer, changes: [number, number][]) => {
    for (const [at, value] of changes) bytes[Math.floor(at ** 3 * bytes.length)] = value
    return bytes
  }
  await fc.assert(
    fc.asyncProperty(mutants, async ({ name, inForm, changes }) => {
      const bytes = upload(name)
      const { headers, payload } = form(file(inForm ? bytes : damage(bytes, changes)))
      const answer = await app.inject({
        ...{ method: 'POST', url: URL_PATH, headers: { ...headers, ...bearer() } },
        payload: inForm ? damage(payload, changes) : payload,
      })
      return [200, 400, 413, 415, 422].includes(answer.statusCode)
    }),
    { numRuns: 12, interruptAfterTimeLimit: 60_000, endOnFailure: true },
  )
  const isOurs = (name: string) => /ffcache|ffmpeg|upload/i.test(name) && !before.includes(name)
  t.same(readdirSync(tmpdir()).filter(isOurs), [])
  t.equal((await app.inject('/livez')).statusCode, 200)
})
