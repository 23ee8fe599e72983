import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import decodeFlac from '@audio/decode-flac'

/** A recording of a real speaker, with what is said in it. */
export interface RecordingNote {
  name: string
  language: string
  voice: string
  text: string
}

export interface SpeechRecording extends RecordingNote {
  /** 16 kHz mono, -1 to 1. */
  samples: Float32Array<ArrayBuffer>
}

export const SPEECH_FOLDER = join(import.meta.dirname, '..', 'fixtures', 'speech')

/** All recordings there are. */
export function recordings(): RecordingNote[] {
  return JSON.parse(readFileSync(join(SPEECH_FOLDER, 'recordings.json'), 'utf8'))
}

/** One recording by its name, such as `en-austen-1`. */
export async function recording(name: string): Promise<SpeechRecording> {
  const note = recordings().find((candidate) => candidate.name === name)
  if (!note) throw new Error(`no recording ${name}`)
  const { channelData, sampleRate } = await decodeFlac(readFileSync(join(SPEECH_FOLDER, `${name}.flac`)))
  const [channel] = channelData
  if (!channel || sampleRate !== 16_000) throw new Error(`${name} is not 16 kHz`)
  return { ...note, samples: Float32Array.from(channel) }
}

/** So many seconds of digital silence. */
export const silence = (seconds: number): Float32Array<ArrayBuffer> => new Float32Array(Math.round(seconds * 16_000))

/** Sounds one after the other. */
export function joined(...parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
