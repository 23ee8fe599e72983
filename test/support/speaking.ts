import type { VoiceActivity } from '../../pipeline/voice-activity.ts'
import { toPcm } from '../../pipeline/wav.ts'
import { joined } from './recordings.ts'
import type { Frame, TestSocket } from './socket-client.ts'

export const AUDIO_START = { type: 'audio.start', encoding: 'pcm_s16le', sample_rate: 16_000 }

/** Says samples into a socket in frames of a second, all at once: no more than ten seconds. */
export function speakInto(socket: TestSocket, samples: Float32Array): void {
  for (let at = 0; at < samples.length; at += 16_000) socket.sendRaw(toPcm(samples.subarray(at, at + 16_000)))
}

/** Says samples into a socket as a microphone does: 100 ms at a time, in real time. */
export async function speakLive(socket: TestSocket, samples: Float32Array): Promise<void> {
  const started = performance.now()
  for (let at = 0; at < samples.length; at += 1600) {
    const due = started + (at / 16_000) * 1000
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
    socket.sendRaw(toPcm(samples.subarray(at, at + 1600)))
  }
}

/** The speech of a socket so far: each header with the bytes of the binary frames right behind it. */
export function speeches({ all }: TestSocket): { header: Frame; bytes: number; frames: number }[] {
  const found: { header: Frame; bytes: number; frames: number }[] = []
  let open: (typeof found)[number] | null = null
  for (const frame of all) {
    if (Buffer.isBuffer(frame)) {
      if (!open) throw new Error('sound without a header right before it')
      open.bytes += frame.length
      open.frames += 1
      continue
    }
    open = frame.type === 'speech' ? { header: frame, bytes: 0, frames: 0 } : null
    if (open) found.push(open)
  }
  return found
}

/** In place of the detector: what is not silent is speech, and a pushed part that is all silence is a pause. */
export function loudnessActivity(): VoiceActivity {
  let speech = new Float32Array(0)
  let seen = 0
  const end = () => {
    const samples = speech
    speech = new Float32Array(0)
    return { type: 'end' as const, at_s: seen / 16_000, samples }
  }
  return {
    push(samples) {
      seen += samples.length
      const isLoud = samples.some((sample) => Math.abs(sample) > 0.1)
      if (!isLoud) return speech.length > 0 ? [end()] : []
      const begins = speech.length === 0
      speech = joined(speech, samples)
      return begins ? [{ type: 'start', at_s: (seen - samples.length) / 16_000 }] : []
    },
    current: () => speech,
    finish: () => (speech.length > 0 ? [end()] : []),
    close: () => undefined,
  }
}
