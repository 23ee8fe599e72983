import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { EngineError } from '../engine-error.ts'
import { createQueue, QueueFullError } from '../queue.ts'
import type { Synthesizer } from '../synthesizer.ts'
import { speakable } from './pieces.ts'
import { runEspeak, type Sound } from './run.ts'
import { parseVoices, voicesByLanguage } from './voices.ts'

export interface EspeakOptions {
  log: { warn(details: object, message: string): void }
  /** A name on the PATH, or a path. */
  program?: string
  /** How long one piece of at most 400 characters may take. */
  timeoutMs?: number
  maxWaiting?: number
}

/**
 * The embedded text-to-speech engine: Debian's espeak-ng, one process for each piece of text. Its voices are named by
 * tag, such as `es-419`. Null when it is not installed.
 */
export function createEspeak(options: EspeakOptions): Synthesizer | null {
  const { log, program = 'espeak-ng', timeoutMs = 10_000, maxWaiting = 64 } = options
  const table = voiceTable(program, log)
  if (table === null) return null
  const voices = parseVoices(table)
  const byLanguage = voicesByLanguage(voices)
  const languages = [...byLanguage.keys()]
  const queue = createQueue({ concurrency: availableParallelism(), maxWaiting })
  const closing = new AbortController()

  function voiceFor(language: string, wanted?: string): string {
    const usual = byLanguage.get(language)
    if (usual === undefined) throw new EngineError('espeak-ng', 'rejected', `no voice for ${language}`)
    if (wanted === undefined) return usual
    const voice = voices.find(({ tag }) => tag === wanted)
    if (voice?.priorities.has(language)) return voice.tag
    throw new EngineError('espeak-ng', 'rejected', `no such voice for ${language}`)
  }

  return {
    name: 'espeak-ng',
    languages: () => languages,
    async synthesize({ text, language, voice: wanted, signal: given }) {
      given?.throwIfAborted()
      const voice = voiceFor(language, wanted)
      const signal = given ? AbortSignal.any([given, closing.signal]) : closing.signal
      const sounds: Sound[] = []
      for (const piece of speakable(text, language)) {
        const run = () => runEspeak({ program, voice, text: piece, timeoutMs, signal })
        sounds.push(await queue.run(run, signal).catch(asBusy))
      }
      return {
        pcm: Buffer.concat(sounds.map(({ pcm }) => pcm)),
        sample_rate: sounds[0]?.sample_rate ?? 22_050,
        engine: 'espeak-ng',
      }
    },
    async close() {
      closing.abort(new EngineError('espeak-ng', 'unreachable', 'it is closed'))
    },
  }
}

function asBusy(error: unknown): never {
  throw error instanceof QueueFullError ? new EngineError('espeak-ng', 'busy', 'too many wait') : error
}

function voiceTable(program: string, log: EspeakOptions['log']): string | null {
  try {
    return execFileSync(program, ['--voices'], {
      encoding: 'utf8',
      timeout: 5_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn({ err: error }, 'espeak-ng does not list its voices')
    return null
  }
}
