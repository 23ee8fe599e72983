import t from 'tap'
import { AppError } from '../../errors.ts'
import type { Transcriber, TranscriberStreamRequest } from '../../pipeline/transcriber.ts'
import type { Charge } from '../../services/meeting-allowance.ts'
import type { HeardCaption } from '../../services/speech-in/draft.ts'
import { createTurns } from '../../services/speech-in/turns.ts'
import { createSpeechIn } from '../../services/speech-in.ts'
import { createTranscription } from '../../services/transcription.ts'
import { countingTranscriber } from '../support/engine-doubles.ts'
import { loudnessActivity } from '../support/speaking.ts'

const log = { warn: () => undefined }
const loud = (seconds: number) => new Float32Array(seconds * 16_000).fill(0.5)
const quiet = new Float32Array(1600)
const GRANTED: Charge = { allowed: true, tell: null }

/** One room with an engine of the test; its clock stands still until it is moved. */
function open(transcriber: Transcriber, charge: (amount: number) => Charge = () => GRANTED) {
  let time = 0
  let charged = 0
  const transcription = createTranscription({ transcribers: [transcriber], log })
  const speechIn = createSpeechIn({
    transcription,
    voiceActivity: loudnessActivity,
    meetingAllowance: {
      async charge(_speaker, _kind, amount) {
        const answer = charge(amount)
        if (answer.allowed) charged += amount
        return answer
      },
    },
    turns: createTurns(1),
    now: () => time,
  })
  const aborting = new AbortController()
  function listen(id = 'p1', language = 'en-GB') {
    const captions: HeardCaption[] = []
    const errors: string[] = []
    const listening = speechIn.listen({
      ...{ roomId: 'room', speaker: { id, user_id: null }, language: () => language, signal: aborting.signal },
      send: async (caption) => void captions.push(caption),
      fail: ({ code }) => errors.push(code),
    })
    return { ...listening, captions, errors }
  }
  return { listen, advance: (ms: number) => (time += ms), charged: () => charged, abort: () => aborting.abort() }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

t.test(
  'words grow under one id while somebody speaks and are final after the pause; each second is charged once',
  async (t) => {
    const { transcriber, requests } = countingTranscriber()
    const { listen, advance, charged } = open(transcriber)
    const speaker = listen()
    for (let i = 0; i < 4; i++) {
      speaker.push(loud(1))
      advance(600)
      await settled()
    }
    speaker.push(quiet)
    await speaker.finish()
    const [first] = speaker.captions
    t.ok(speaker.captions.length > 2)
    t.strictSame(
      speaker.captions.map(({ revision }) => revision),
      speaker.captions.map((_, i) => i),
    )
    t.ok(speaker.captions.every(({ id, language }) => id === first?.id && language === 'en-GB'))
    t.strictSame(
      speaker.captions.map(({ final }) => final),
      speaker.captions.map((_, i) => i === speaker.captions.length - 1),
    )
    t.equal(speaker.captions.at(-1)?.text, '64000 samples')
    t.equal(requests.at(-1)?.language, 'en')
    t.equal(charged(), 4)

    speaker.captions.length = 0
    const again = listen()
    again.push(loud(1))
    await again.finish()
    t.not(again.captions[0]?.id, first?.id, 'what is said next is another caption')
  },
)

t.test('silence asks no engine and costs nothing', async (t) => {
  const { transcriber, requests } = countingTranscriber()
  const { listen, advance, charged } = open(transcriber)
  const speaker = listen()
  for (let i = 0; i < 100; i++) {
    speaker.push(quiet)
    advance(100)
  }
  await speaker.finish()
  t.equal(requests.length, 0)
  t.equal(charged(), 0)
  t.strictSame(speaker.captions, [])
})

t.test('looks at unfinished speech are at most two a second, and never two at once', async (t) => {
  const gate = Promise.withResolvers<void>()
  const { transcriber, requests } = countingTranscriber(() => gate.promise)
  const { listen, advance } = open(transcriber)
  const [one, other] = [listen('p1'), listen('p2')]
  for (let i = 0; i < 50; i++) {
    for (const speaker of [one, other]) speaker.push(loud(0.1))
    advance(100)
  }
  t.equal(requests.length, 0)
  await settled()
  t.equal(requests.length, 1, 'of all speakers together while turns are one')
  gate.resolve()
  await settled()
  const before = requests.length
  for (let i = 0; i < 20; i++) {
    one.push(loud(0.1))
    advance(100)
    await settled()
  }
  t.ok(requests.length - before <= 4, `${requests.length - before} in two seconds`)
  await Promise.all([one.finish(), other.finish()])
})

t.test('unfinished speech waits while finished speech does', async (t) => {
  const gate = Promise.withResolvers<void>()
  const { transcriber, requests } = countingTranscriber(() => gate.promise)
  const { listen, advance } = open(transcriber)
  const [one, other] = [listen('p1'), listen('p2')]
  one.push(loud(0.4))
  one.push(quiet)
  for (let i = 0; i < 30; i++) {
    other.push(loud(0.1))
    advance(100)
  }
  await settled()
  t.equal(requests.length, 1)
  gate.resolve()
  await Promise.all([one.finish(), other.finish()])
  t.match(one.captions, [{ final: true }])
  t.match(other.captions.at(-1), { final: true })
})

/** Nearly silent: likely the end, but not to the detector of the tests. */
function fading(): Float32Array {
  const samples = new Float32Array(3200).fill(0.02)
  samples[0] = 0.2
  return samples
}

t.test('what a look in the pause has heard to the end is final without another', async (t) => {
  const { transcriber, requests } = countingTranscriber()
  const { listen, advance } = open(transcriber)
  const speaker = listen()
  speaker.push(loud(1))
  advance(100)
  speaker.push(fading())
  await settled()
  t.equal(requests.length, 1)
  speaker.push(fading().subarray(0, 1600))
  speaker.push(quiet)
  await speaker.finish()
  t.equal(requests.length, 1, 'the quiet that followed has no words')
  t.match(speaker.captions.at(-1), { final: true, text: '19200 samples' })
})

t.test('a pause that begins during a look gets a look of its own as soon as that one ends', async (t) => {
  const gate = Promise.withResolvers<void>()
  const { transcriber, requests } = countingTranscriber(() => gate.promise)
  const { listen, advance } = open(transcriber)
  const speaker = listen()
  speaker.push(loud(1))
  advance(600)
  speaker.push(loud(1))
  speaker.push(fading())
  await settled()
  t.equal(requests.length, 1)
  gate.resolve()
  await settled()
  speaker.push(fading().subarray(0, 160))
  await settled()
  t.equal(requests.length, 2)
  speaker.push(quiet)
  await speaker.finish()
  t.equal(requests.length, 2)
  t.match(speaker.captions.at(-1), { final: true, text: '35360 samples' })
})

t.test('words after a look in a pause are heard', async (t) => {
  const { transcriber, requests } = countingTranscriber()
  const { listen, advance } = open(transcriber)
  const speaker = listen()
  speaker.push(loud(1))
  advance(100)
  speaker.push(fading())
  await settled()
  speaker.push(loud(0.1))
  speaker.push(quiet)
  await speaker.finish()
  t.equal(requests.length, 2)
  t.match(speaker.captions.at(-1), { final: true, text: '20800 samples' })
})

t.test(
  'when the allowance is used up no engine is asked, and the speaker is told what the allowance says',
  async (t) => {
    const { transcriber, requests } = countingTranscriber()
    let tell: AppError | null = new AppError('RATE_LIMIT_EXCEEDED')
    const { listen, advance } = open(transcriber, () => {
      const answer = { allowed: false, tell }
      tell = null
      return answer
    })
    const speaker = listen()
    for (let i = 0; i < 5; i++) {
      speaker.push(loud(2))
      advance(2000)
      await settled()
      speaker.push(quiet)
    }
    await speaker.finish()
    t.equal(requests.length, 0)
    t.strictSame(speaker.captions, [])
    t.strictSame(speaker.errors, ['RATE_LIMIT_EXCEEDED'])
  },
)

t.test('an engine that fails is told of once a minute, and what was read already stays', async (t) => {
  let fails = false
  const { transcriber } = countingTranscriber(async () => {
    if (fails) throw new Error('broken')
  })
  const { listen, advance } = open(transcriber)
  const speaker = listen()
  speaker.push(loud(1))
  advance(600)
  speaker.push(loud(1))
  await settled()
  fails = true
  speaker.push(quiet)
  speaker.push(loud(1))
  speaker.push(quiet)
  await speaker.finish()
  t.match(speaker.captions, [
    { final: false, text: '32000 samples' },
    { final: true, text: '32000 samples' },
  ])
  t.strictSame(speaker.errors, ['PROVIDER_UNAVAILABLE'])
})

t.test('more than a minute of finished speech that waits is not kept', async (t) => {
  const gate = Promise.withResolvers<void>()
  const { transcriber, requests } = countingTranscriber(() => gate.promise)
  const { listen } = open(transcriber)
  const speaker = listen()
  for (let i = 0; i < 10; i++) {
    speaker.push(loud(10))
    speaker.push(quiet)
  }
  t.strictSame(speaker.errors, ['PROVIDER_UNAVAILABLE'])
  gate.resolve()
  await speaker.finish()
  t.equal(requests.length, 6)
})

t.test('nobody listens where no engine recognises the language, or without a detector', async (t) => {
  const { transcriber } = countingTranscriber()
  t.throws(() => open(transcriber).listen('p1', 'sw'), { code: 'UNPROCESSABLE' })
  const deaf = createSpeechIn({
    transcription: createTranscription({ transcribers: [transcriber], log }),
    voiceActivity: null,
    meetingAllowance: { charge: async () => GRANTED },
  })
  const request = { roomId: 'room', speaker: { id: 'p', user_id: null }, language: () => 'en' }
  const rest = { send: async () => undefined, fail: () => undefined, signal: new AbortController().signal }
  t.throws(() => deaf.listen({ ...request, ...rest }), { code: 'UNPROCESSABLE' })
})

/** An engine that hears speech as it comes; the test says its words. */
function streaming() {
  const { transcriber, requests } = countingTranscriber()
  const streams: (TranscriberStreamRequest & { heard: number; ended: 'finished' | 'aborted' | null })[] = []
  const engine: Transcriber = {
    ...transcriber,
    stream(request) {
      const stream = { ...request, heard: 0, ended: null as 'finished' | 'aborted' | null }
      streams.push(stream)
      return {
        push(samples) {
          stream.heard += samples.length
        },
        async finish() {
          stream.ended = 'finished'
          request.onFinal('The last words.')
        },
        abort() {
          stream.ended = 'aborted'
        },
      }
    },
  }
  return { engine, streams, requests }
}

t.test('an engine that hears speech as it comes says its own words, once each', async (t) => {
  const { engine, streams, requests } = streaming()
  const { listen, advance, charged } = open(engine)
  const speaker = listen()
  speaker.push(new Float32Array(1024))
  // Whole frames of the detector, which keeps what is left over.
  const second = new Float32Array(16_384).fill(0.5)
  t.equal(streams.length, 0, 'silence opens nothing')
  speaker.push(second)
  const [stream] = streams
  stream?.onInterim('Good')
  advance(600)
  stream?.onInterim('Good morning')
  stream?.onFinal('Good morning.')
  speaker.push(second)
  speaker.push(quiet)
  await speaker.finish()
  t.match(speaker.captions, [
    { final: false, revision: 0, text: 'Good' },
    { final: false, revision: 1, text: 'Good morning' },
    { final: true, revision: 2, text: 'Good morning.' },
    { final: true, revision: 0, text: 'The last words.' },
  ])
  t.equal(new Set(speaker.captions.map(({ id }) => id)).size, 2)
  t.equal(stream?.heard, 2 * second.length)
  t.equal(requests.length, 0)
  t.equal(charged(), 2.048)
})

t.test('what a stream did not settle when it broke is recognised as a piece', async (t) => {
  const { engine, streams, requests } = streaming()
  const { listen } = open(engine)
  const speaker = listen()
  speaker.push(new Float32Array(16_384).fill(0.5))
  streams[0]?.onFinal('First words.')
  streams[0]?.onError(new Error('gone'))
  speaker.push(loud(2))
  speaker.push(quiet)
  await speaker.finish()
  t.match(speaker.captions, [
    { final: true, text: 'First words.' },
    { final: true, text: '32000 samples' },
  ])
  t.equal(requests.length, 1)
})
