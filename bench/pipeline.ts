import { createEmbeddedTranscriber } from '../pipeline/embedded.ts'
import { createEspeak } from '../pipeline/espeak/espeak.ts'
import { createVoiceActivities } from '../pipeline/voice-activity.ts'
import { modelsFolder } from '../scripts/setup/models.ts'
import { joined, recording, recordings, type SpeechRecording, silence } from '../test/support/recordings.ts'
import { machine, quantile } from './machine.ts'
import { report } from './stand.ts'
import { wordErrors } from './word-errors.ts'

// `npm run bench:pipeline`: how well and how fast the embedded engines do with recordings of real speakers. A report, not
// a test: the figures are this machine's, and mean something when it has nothing else to do.

const RUNS = 3
const RATE = 16_000
const log = { warn: (details: object, message: string) => console.error(message, details) }
const round = (value: number, digits = 3) => Math.round(value * 10 ** digits) / 10 ** digits

const environment = machine()
const transcriber = createEmbeddedTranscriber({ log, modelsDir: modelsFolder() })
const activities = createVoiceActivities({ modelsDir: modelsFolder() })
if (!transcriber || !activities) throw new Error('The speech models are missing: npm run setup')
const all: SpeechRecording[] = []
for (const { name } of recordings()) all.push(await recording(name))

const speech = await transcription(transcriber)
const results = {
  machine: environment,
  targets: { english_word_error_rate: 0.03, real_time_factor: 0.15 },
  transcription: speech,
  voice_activity: voiceActivity(activities),
  synthesis: await synthesis(),
}
await transcriber.close()

report('pipeline', results)
console.table(results.transcription)
console.table([results.voice_activity])
console.table(results.synthesis)
console.log(
  `Load before: ${environment.load_before} on ${environment.processors} processors. See bench/results/pipeline.json.`,
)

/** Words and times of each language. Once before, so that the engine is loaded. */
async function transcription(engine: NonNullable<typeof transcriber>) {
  const byLanguage = Map.groupBy(all, ({ language }) => language)
  const rows = []
  for (const [language, clips] of byLanguage) {
    await engine.transcribe({ samples: clips[0]?.samples ?? silence(1), language })
    const times: number[] = []
    const factors: number[] = []
    let errors = 0
    let words = 0
    let name = ''
    for (const { samples, text } of clips) {
      for (let run = 0; run < RUNS; run++) {
        const before = performance.now()
        const answer = await engine.transcribe({ samples, language })
        const took = performance.now() - before
        times.push(took)
        factors.push((took / 1000) * (RATE / samples.length))
        name = answer.engine
        if (run > 0) continue
        const found = wordErrors(text, answer.text)
        errors += found.errors
        words += found.words
      }
    }
    rows.push({
      language,
      engine: name,
      clips: clips.length,
      voices: new Set(clips.map(({ voice }) => voice)).size,
      words,
      word_error_rate: round(errors / words),
      real_time_factor: round(quantile(factors, 0.5)),
      latency_ms_p50: Math.round(quantile(times, 0.5)),
      latency_ms_p95: Math.round(quantile(times, 0.95)),
    })
  }
  return rows
}

/** What the event loop pays for each 32 ms of a speaker. */
function voiceActivity(create: NonNullable<typeof activities>) {
  const activity = create()
  const sound = joined(...all.map(({ samples }) => samples))
  const perFrame = (samples: Float32Array): number => {
    const before = performance.now()
    for (let at = 0; at < samples.length; at += 512) activity.push(samples.subarray(at, at + 512))
    return ((performance.now() - before) * 512) / samples.length
  }
  const row = { speech_ms_per_frame: round(perFrame(sound)), silence_ms_per_frame: round(perFrame(silence(60)), 4) }
  activity.close()
  return row
}

async function synthesis() {
  const engine = createEspeak({ log })
  if (!engine) return []
  const rows = []
  for (const language of new Set(all.map((clip) => clip.language))) {
    const times: number[] = []
    let seconds = 0
    for (const { text } of all.filter((clip) => clip.language === language)) {
      const before = performance.now()
      const { pcm, sample_rate } = await engine.synthesize({ text, language })
      times.push(performance.now() - before)
      seconds += pcm.length / 2 / sample_rate
    }
    rows.push({
      language,
      engine: engine.name,
      latency_ms_p50: Math.round(quantile(times, 0.5)),
      latency_ms_p95: Math.round(quantile(times, 0.95)),
      real_time_factor: round(times.reduce((sum, time) => sum + time, 0) / 1000 / seconds),
    })
  }
  await engine.close()
  return rows
}
