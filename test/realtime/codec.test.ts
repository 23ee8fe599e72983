import fc from 'fast-check'
import t from 'tap'
import { createCodec } from '../../realtime/codec.ts'
import { SERVER_MESSAGES } from '../../schemas/meeting-socket.ts'

const codec = createCodec()
const bad = (frame: unknown) => {
  const decoded = codec.decode(typeof frame === 'string' ? frame : JSON.stringify(frame))
  return 'error' in decoded ? { code: decoded.error.code, ref: decoded.error.ref, bad: decoded.bad } : null
}

t.test('valid messages are read as they are', async (t) => {
  for (const message of [
    { type: 'say', text: "O'Brien said a < b 🎉" },
    { type: 'say', text: 'x', id: 'c-1', final: false, revision: 3 },
    { type: 'language.set', speaking: 'es', listening: 'pt-BR' },
    { type: 'resume', after_seq: 0 },
    { type: 'ping', id: 'a' },
    { type: 'state.set', hand: true },
    { type: 'language.set', spoken_output: true },
    { type: 'signal', to: 'x', kind: 'offer', payload: { sdp: 'v=0', list: [1, null, { a: [] }] } },
    { type: 'signal', to: 'x', kind: 'bye', payload: null },
  ]) {
    t.strictSame(codec.decode(JSON.stringify(message)), { message })
  }
})

t.test('frames that are not a valid message are bad', async (t) => {
  const invalid = { code: 'VALIDATION_ERROR', bad: true }
  t.match(bad('{'), { code: 'MALFORMED_REQUEST', bad: true })
  t.match(bad('[]'), invalid)
  t.match(bad('null'), invalid)
  t.match(bad('"say"'), invalid)
  t.match(bad({}), invalid)
  t.match(bad({ type: 1 }), invalid)
  t.match(bad({ type: 'toString' }), invalid)
  t.match(bad({ type: 'welcome' }), invalid)
  t.match(bad({ type: 'caption', id: 'x' }), invalid)
  t.match(bad({ type: 'say' }), { ...invalid, ref: 'say' })
  t.match(bad({ type: 'say', id: 'mine', text: '' }), { ...invalid, ref: 'mine' })
  t.match(bad({ type: 'say', text: 'x'.repeat(2001) }), invalid)
  t.match(bad({ type: 'say', text: 'a\u202eb' }), invalid)
  t.match(bad({ type: 'say', text: 'a\u0007b' }), invalid)
  t.match(bad({ type: 'say', text: '   ' }), invalid)
  t.match(bad({ type: 'say', text: 'x', speaker: 'somebody' }), invalid)
  t.match(bad({ type: 'say', text: 'x', id: 'a b' }), invalid)
  t.match(bad({ type: 'say', text: 'x', revision: 1.5 }), invalid)
  t.match(bad({ type: 'language.set', speaking: 'not a language' }), invalid)
  t.match(bad({ type: 'resume', after_seq: -1 }), invalid)
  t.match(bad({ type: 'state.set' }), { ...invalid, ref: 'state.set' })
  t.match(bad({ type: 'state.set', hand: 'up' }), invalid)
  t.match(bad({ type: 'signal', kind: 'offer', payload: {} }), { ...invalid, ref: 'signal' })
  t.match(bad({ type: 'signal', to: 'x', kind: 'hello', payload: {} }), invalid)
  t.match(bad({ type: 'signal', to: 'x', kind: 'ice', payload: {}, from: 'y' }), invalid)
  t.match(bad('{"type":"signal","to":"x","kind":"ice","payload":[{"__proto__":{"a":1}}]}'), invalid)
  t.match(bad('{"type":"signal","to":"x","kind":"ice","payload":{"constructor":{"prototype":{"a":1}}}}'), invalid)
  t.match(bad('{"type":"say","text":"x","__proto__":{"final":false}}'), invalid)
  t.match(bad('{"type":"say","text":"x","constructor":{"prototype":{}}}'), invalid)
})

t.test('what only the server may send is refused', async (t) => {
  for (const type of Object.keys(SERVER_MESSAGES).filter((type) => type !== 'signal')) {
    t.match(bad({ type }), { code: 'VALIDATION_ERROR', bad: true }, type)
  }
})

t.test('audio is 16-bit PCM at 16 kHz, in a language or in the one of the speaker', async (t) => {
  const start = { type: 'audio.start', encoding: 'pcm_s16le', sample_rate: 16_000 }
  for (const message of [start, { ...start, language: 'pt-BR' }, { type: 'audio.stop' }]) t.equal(bad(message), null)
  for (const wrong of [{ encoding: 'opus' }, { sample_rate: 48_000 }, { sample_rate: '16000' }, { language: '!' }])
    t.match(bad({ ...start, ...wrong }), { code: 'VALIDATION_ERROR', ref: 'audio.start', bad: true })
  t.match(bad({ type: 'audio.start' }), { code: 'VALIDATION_ERROR', ref: 'audio.start', bad: true })
})

t.test('the name of an unexpected field is not repeated', async (t) => {
  const decoded = codec.decode('{"type":"ping","secret-name":1}')
  t.notMatch(JSON.stringify(decoded), 'secret-name')
})

t.test('a deep frame is refused and nothing is thrown', async (t) => {
  t.match(bad(`${'['.repeat(8000)}${']'.repeat(8000)}`), { bad: true })
  const nested = (depth: number) =>
    `{"type":"signal","to":"x","kind":"ice","payload":${'['.repeat(depth)}${']'.repeat(depth)}}`
  t.equal(bad(nested(31)), null)
  t.match(bad(nested(32)), { code: 'VALIDATION_ERROR', ref: 'signal', bad: true })
  t.match(bad(nested(8000)), { code: 'VALIDATION_ERROR', ref: 'signal', bad: true })
  t.match(bad(`{"type":"say","text":${'{"a":'.repeat(2500)}1${'}'.repeat(2500)}}`), { bad: true })
})

t.test('whatever text comes, it is read or refused, and Object.prototype stays as it was', async (t) => {
  const before = Reflect.ownKeys(Object.prototype).length
  const typed = fc.record(
    {
      type: fc.constantFrom('say', 'ping', 'resume', 'language.set', '__proto__', 'signal'),
      text: fc.anything(),
      id: fc.anything(),
    },
    { requiredKeys: ['type'] },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        typed.map((value) => JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? null : inner))),
      ),
      (text) => {
        const decoded = codec.decode(text)
        return 'message' in decoded || decoded.error.message.length <= 300
      },
    ),
  )
  t.equal(Reflect.ownKeys(Object.prototype).length, before)
})
