import type { Speech } from '../pipeline/synthesizer.ts'
import { SPEECH_LATE_MS, SPEECH_PART_BYTES } from './limits.ts'

export interface Sound extends Omit<Speech, 'engine'> {
  readonly captionId: string
  /** ISO 639-1. */
  readonly language: string
}

/** Speech on its way to one socket, one after the other; what comes too late is dropped. */
export interface Player {
  play(sound: Sound): void
}

export interface PlayerDeps {
  /** Sends a header and its sound right behind it. Resolves when it is written; null when the reader is too slow for sound. */
  send(header: object, pcm: Buffer): Promise<void> | null
  /** Whether the reader still wants to hear the language. */
  wants(language: string): boolean
  now?: () => number
}

interface Part {
  readonly sound: Sound
  readonly pcm: Buffer
  /** When it is not worth hearing any more. */
  readonly until: number
}

export function createPlayer({ send, wants, now = () => performance.now() }: PlayerDeps): Player {
  let queue: Part[] = []
  /** When all that was taken has been heard, if it is played as it comes. */
  let heardUntil = 0
  let isSending = false

  async function pump(): Promise<void> {
    if (isSending) return
    isSending = true
    for (let part = queue.shift(); part; part = queue.shift()) {
      const { sound, pcm, until } = part
      const { captionId: caption_id, language, sample_rate } = sound
      const header = { type: 'speech', caption_id, language, encoding: 'pcm_s16le', sample_rate, bytes: pcm.length }
      const written = now() <= until && wants(language) ? send(header, pcm) : null
      if (written) await written
      else queue = queue.filter((other) => other.sound !== sound)
    }
    isSending = false
  }

  return {
    play(sound) {
      const begins = Math.max(now(), heardUntil)
      if (begins - now() > SPEECH_LATE_MS) return
      const msOf = (bytes: number): number => (bytes / 2 / sound.sample_rate) * 1000
      heardUntil = begins + msOf(sound.pcm.length)
      for (let at = 0; at < sound.pcm.length; at += SPEECH_PART_BYTES) {
        const pcm = sound.pcm.subarray(at, at + SPEECH_PART_BYTES)
        queue.push({ sound, pcm, until: begins + msOf(at) + SPEECH_LATE_MS })
      }
      void pump()
    },
  }
}
