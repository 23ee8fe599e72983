import { modelPaths } from './models.ts'
import { loadSherpa, type Sherpa, type SherpaVad } from './voice-activity/sherpa.ts'
import { createSilero, FRAME, SAMPLE_RATE, type VoiceActivityTimings } from './voice-activity/silero.ts'

/** `at_s` counts from the first sample pushed. `samples`: the segment's speech, 16 kHz. */
export type ActivityEvent =
  | { type: 'start'; at_s: number }
  | { type: 'end'; at_s: number; samples: Float32Array<ArrayBuffer> }

/** Tells speech from silence for one speaker, as the samples come. */
export interface VoiceActivity {
  /** 16 kHz mono, any number. Synchronous: about 0.4 ms for each 32 ms that are not silence. */
  push(samples: Float32Array): ActivityEvent[]
  /** The speech of the segment under way, from its start; empty when nobody speaks. */
  current(): Float32Array<ArrayBuffer>
  /** Nothing follows: ends the segment under way. */
  finish(): ActivityEvent[]
  /** Gives back what it holds. */
  close(): void
}

export interface VoiceActivityOptions extends VoiceActivityTimings {
  modelsDir: string
}

// Quieter than -60 dB: microphones that are muted, or nobody near one.
const SILENCE = 0.001
// After so many frames of it the model is not asked.
const SILENT_FRAMES = 20
// Speech begins before it is noticed: so many frames before that moment belong to it.
const LEAD_FRAMES = 14
// Recognisers lose a last sound that is cut close.
const TAIL = 0.15 * SAMPLE_RATE
// Speech without any pause, or a noise like it, ends here.
const MAX_FRAMES = Math.ceil((25 * SAMPLE_RATE) / FRAME)
const IDLE_DETECTORS = 8

/**
 * Makes the detectors of speakers. They are used again, because making one takes time that the event loop must not
 * lose often. Null when the model or the native library is missing.
 */
export function createVoiceActivities(options: VoiceActivityOptions): (() => VoiceActivity) | null {
  const paths = modelPaths(options.modelsDir, 'silero')
  const sherpa = paths && tryLoad()
  if (!paths || !sherpa) return null
  const idle: SherpaVad[] = [createSilero(sherpa, paths.model, options)]
  return () =>
    createVoiceActivity(idle.pop() ?? createSilero(sherpa, paths.model, options), (vad) => {
      vad.reset()
      if (idle.length < IDLE_DETECTORS) idle.push(vad)
    })
}

function tryLoad(): Sherpa | null {
  try {
    return loadSherpa()
  } catch {
    return null
  }
}

function createVoiceActivity(vad: SherpaVad, giveBack: (vad: SherpaVad) => void): VoiceActivity {
  let rest: Float32Array<ArrayBuffer> = new Float32Array(0)
  /** The speech under way; before it, the last few frames. */
  let frames: Float32Array<ArrayBuffer>[] = []
  let speaking = false
  let silent = 0
  /** Whether the model was not asked for the last frames. */
  let asleep = true
  /** Samples in whole frames so far, and how many there were when the detector was reset. */
  let seen = 0
  let base = 0
  let closed = false

  const firstSample = (): number => seen - frames.length * FRAME

  function take(frame: Float32Array<ArrayBuffer>): ActivityEvent[] {
    seen += FRAME
    silent = isSilent(frame) ? silent + 1 : 0
    frames.push(frame)
    if (!speaking && silent > SILENT_FRAMES) asleep = true
    if (asleep && silent === 0) wake()
    else if (!asleep) vad.acceptWaveform(frame)
    if (frames.length >= MAX_FRAMES) vad.flush()
    return asleep ? keepLead([]) : events()
  }

  /** After silence the model begins anew, with what came just before. */
  function wake(): void {
    asleep = false
    keepLead([])
    vad.reset()
    base = firstSample()
    for (const frame of frames) vad.acceptWaveform(frame)
  }

  function keepLead(found: ActivityEvent[]): ActivityEvent[] {
    if (!speaking && frames.length > LEAD_FRAMES) frames = frames.slice(-LEAD_FRAMES)
    return found
  }

  function events(): ActivityEvent[] {
    const found: ActivityEvent[] = []
    const begin = (): void => {
      keepLead([])
      speaking = true
      found.push({ type: 'start', at_s: Math.max(0, firstSample()) / SAMPLE_RATE })
    }
    for (; !vad.isEmpty(); vad.pop()) {
      if (!speaking) begin()
      const { start, samples } = vad.front(false)
      const end = base + start + samples.length
      const speech = concat(frames).slice(0, Math.max(0, Math.ceil(end + TAIL - firstSample())))
      found.push({ type: 'end', at_s: Math.min(end, seen) / SAMPLE_RATE, samples: speech })
      speaking = false
    }
    if (!speaking && vad.isDetected()) begin()
    return keepLead(found)
  }

  return {
    push(samples) {
      if (closed) return []
      const all = rest.length > 0 ? concat([rest, samples]) : Float32Array.from(samples)
      const found: ActivityEvent[] = []
      let at = 0
      for (; at + FRAME <= all.length; at += FRAME) found.push(...take(all.subarray(at, at + FRAME)))
      rest = all.slice(at)
      return found
    },
    current: () => (speaking ? concat(frames) : new Float32Array(0)),
    finish() {
      if (closed) return []
      const found: ActivityEvent[] = []
      if (rest.length > 0) {
        const frame = new Float32Array(FRAME)
        frame.set(rest)
        rest = new Float32Array(0)
        found.push(...take(frame))
      }
      if (!asleep) {
        vad.flush()
        found.push(...events())
      }
      asleep = true
      speaking = false
      frames = []
      return found
    },
    close() {
      if (closed) return
      closed = true
      frames = []
      giveBack(vad)
    },
  }
}

function isSilent(frame: Float32Array): boolean {
  for (const sample of frame) if (sample > SILENCE || sample < -SILENCE) return false
  return true
}

function concat(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
