import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { buildApp } from '../app.ts'
import { loadConfig } from '../config.ts'
import { toPcm } from '../pipeline/wav.ts'
import { modelsFolder } from '../scripts/setup/models.ts'
import { joined, recording, recordings, silence } from '../test/support/recordings.ts'
import { machine, quantile } from './machine.ts'
import { report } from './stand.ts'

// `npm run bench:latency`: from the end of speech to the final caption, in another language, at another socket. The recordings are said into a socket
// in real time, with digital silence after them. The end of speech is when the last frame of 20 ms was sent that is louder than 2 % of the loudest and
// than three times the recording's own noise, so the 0.4 s of silence that end a segment are part of the figure. A report, not a test: it means something when the machine has nothing else to do.

const FRAME = 320
const RATE = 16_000
const PAIRS: Readonly<Record<string, string>> = { en: 'es', es: 'en', fr: 'es', it: 'es' }

const environment = machine()
const dataDir = mkdtempSync(join(tmpdir(), 'fluentmeet-bench-'))
const config = loadConfig({
  RATE_LIMIT_AUTH_PER_MINUTE: '1000',
  DATA_DIR: dataDir,
  LOG_LEVEL: 'error',
  MODELS_DIR: modelsFolder(),
  PORT: '0',
})
const app = await buildApp(config)
const base = await app.listen({ host: '127.0.0.1', port: 0 })
const rows: { recording: string; to: string; ms: number | null; status: string }[] = []

try {
  for (const [language, to] of Object.entries(PAIRS)) {
    const { speaker, reader, close } = await meeting(language, to)
    const clips = recordings().filter((clip) => clip.language === language)
    // Once before, so that the engines are loaded.
    for (const { name } of [...clips.slice(0, 1), ...clips]) rows.push(await measure(name, to, speaker, reader))
    rows.splice(rows.length - clips.length - 1, 1)
    await close()
  }
} finally {
  await app.close()
  rmSync(dataDir, { recursive: true, force: true })
}

const times = (some: typeof rows) => some.flatMap(({ ms }) => ms ?? [])
const english = times(rows.filter(({ recording: name }) => name.startsWith('en-')))
const results = {
  machine: environment,
  measured: 'last sound sent -> final caption read at another socket; the 0.4 s of silence that end a segment included',
  target_ms_p50: 800,
  english_ms_p50: quantile(english, 0.5),
  english_ms_p95: quantile(english, 0.95),
  all_ms_p50: quantile(times(rows), 0.5),
  recordings: rows,
}
report('latency', results)
console.table(rows)
console.log(`English: median ${results.english_ms_p50} ms; all: median ${results.all_ms_p50} ms. Target: 800 ms.`)
console.log(`Load before: ${environment.load_before} on ${environment.processors} processors.`)

/** Says one recording; the time to the last final caption of it. A recording with pauses makes several: the last one counts. */
async function measure(
  name: string,
  to: string,
  speaker: WebSocket,
  reader: WebSocket,
): Promise<(typeof rows)[number]> {
  const { samples } = await recording(name)
  const sound = joined(samples, silence(1.2))
  const last = lastSound(samples)
  let ended = Number.NaN
  let read: { at: number; status: string } | null = null
  const take = (data: Buffer, isBinary: boolean): void => {
    const frame = isBinary ? null : JSON.parse(data.toString())
    if (frame?.type === 'caption' && frame.final) read = { at: performance.now(), status: frame.status }
  }
  reader.on('message', take)
  const started = performance.now()
  for (let at = 0; at < sound.length; at += FRAME) {
    const due = started + (at / RATE) * 1000
    await sleep(due - performance.now())
    speaker.send(toPcm(sound.subarray(at, at + FRAME)))
    if (at <= last && last < at + FRAME) ended = performance.now()
  }
  const deadline = performance.now() + 20_000
  const isRead = () => read !== null && read.at > ended
  while (!isRead() && performance.now() < deadline) await sleep(5)
  reader.off('message', take)
  const found = read as { at: number; status: string } | null
  const ms = found && found.at > ended ? Math.round(found.at - ended) : null
  console.error(`${name} -> ${to}: ${ms ?? 'not read'} ms`)
  return { recording: name, to, ms, status: found?.status ?? 'none' }
}

/** A room with one who speaks a language, and one who reads another. */
async function meeting(language: string, to: string) {
  const [host, guest] = [await signUp(language), await signUp(to)]
  const { room_code: code } = await call<{ room_code: string }>('/meetings', host, { name: 'Bench' })
  const [speaker, reader] = [await enter(code, host), await enter(code, guest)]
  speaker.send(JSON.stringify({ type: 'audio.start', encoding: 'pcm_s16le', sample_rate: RATE }))
  return {
    ...{ speaker, reader },
    async close() {
      for (const socket of [speaker, reader]) socket.close()
      await sleep(200)
    },
  }
}

async function signUp(language: string): Promise<string> {
  const email = `${randomUUID()}@example.org`
  const password = randomUUID()
  const profile = { full_name: 'Bench', speaking_language: language, listening_language: language }
  await call('/auth/signup', null, { email, password, ...profile, accepted_terms: true })
  return (await call<{ access_token: string }>('/auth/login', null, { email, password })).access_token
}

async function enter(code: string, token: string): Promise<WebSocket> {
  await call(`/meetings/${code}/join`, token, {})
  const { ticket } = await call<{ ticket: string }>(`/meetings/${code}/ws-ticket`, token)
  const address = `${base.replace(/^http/, 'ws')}/api/v1/ws/meetings/${code}`
  const socket = new WebSocket(address, ['fluentmeet.v1', `ticket.${ticket}`], { perMessageDeflate: false })
  await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject))
  return socket
}

async function call<T>(path: string, token: string | null, body?: object): Promise<T> {
  const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}), 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(body ?? {}) }
  const answer = await fetch(`${base}/api/v1${path}`, init)
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}

function lastSound(samples: Float32Array): number {
  const loudness = Array.from({ length: Math.floor(samples.length / FRAME) }, (_, i) =>
    Math.sqrt(samples.subarray(i * FRAME, (i + 1) * FRAME).reduce((sum, sample) => sum + sample ** 2, 0) / FRAME),
  )
  const sorted = loudness.toSorted((a, b) => a - b)
  const noise = sorted[Math.floor(sorted.length / 20)] ?? 0
  const least = Math.max(3 * noise, 0.02 * (sorted.at(-1) ?? 0))
  return loudness.findLastIndex((value) => value > least) * FRAME
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
