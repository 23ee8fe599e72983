import type { SherpaVad } from './sherpa.ts'
import { FRAME, MAX_SPEECH_S, SAMPLE_RATE } from './silero.ts'

/** A part of a recording, in samples. */
export interface Span {
  from: number
  to: number
}

export interface Spans {
  spans: Span[]
  /** How many samples are dealt with: less than all when speech goes on at the end and more is to come. */
  consumed: number
}

const seconds = (s: number): number => Math.round(s * SAMPLE_RATE)
// Recognisers lose first and last sounds that are cut close.
const PADDING = seconds(0.4)
// Two utterances with less between them are understood better as one.
const JOINED_GAP = seconds(0.6)
const LONGEST = seconds(MAX_SPEECH_S)
// An utterance that touches the end may go on in what follows, unless it fills the window.
const OPEN_END = seconds(0.5)
const WINDOW_FILLED = seconds(5)

/** Where somebody speaks, in parts of 20 s at most. `last`: nothing follows these samples. */
export function findSpans(vad: SherpaVad, samples: Float32Array, last: boolean): Spans {
  const found = detect(vad, samples)
  const open = found.at(-1)
  let consumed = samples.length
  if (!last && open && open.to > samples.length - OPEN_END && open.from > WINDOW_FILLED) {
    found.pop()
    consumed = Math.max(0, open.from - PADDING)
  }
  const spans = joined(found).flatMap((span) => cut(span, samples))
  return { spans: padded(spans, consumed), consumed }
}

function detect(vad: SherpaVad, samples: Float32Array): Span[] {
  const found: Span[] = []
  vad.reset()
  for (let at = 0; at < samples.length; at += FRAME) {
    const frame = samples.subarray(at, at + FRAME)
    vad.acceptWaveform(frame.length === FRAME ? frame : Float32Array.from({ length: FRAME }, (_, i) => frame[i] ?? 0))
  }
  vad.flush()
  for (; !vad.isEmpty(); vad.pop()) {
    const { start, samples: speech } = vad.front(false)
    found.push({ from: Math.max(0, start), to: Math.min(samples.length, start + speech.length) })
  }
  vad.reset()
  return found.filter(({ from, to }) => to > from)
}

function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = []
  for (const span of spans) {
    const previous = result.at(-1)
    if (previous && span.from - previous.to < JOINED_GAP && span.to - previous.from <= LONGEST) previous.to = span.to
    else result.push({ ...span })
  }
  return result
}

/** Cuts what is too long where it is quietest in its last third, again and again. */
function cut({ from, to }: Span, samples: Float32Array): Span[] {
  const parts: Span[] = []
  let at = from
  while (to - at > LONGEST) {
    const end = quietest(samples, at + Math.round(LONGEST * (2 / 3)), at + LONGEST)
    parts.push({ from: at, to: end })
    at = end
  }
  return [...parts, { from: at, to }]
}

function quietest(samples: Float32Array, from: number, to: number): number {
  let best = to
  let least = Number.POSITIVE_INFINITY
  for (let at = from; at + 3 * FRAME <= to; at += FRAME) {
    let energy = 0
    for (let i = at; i < at + 3 * FRAME; i++) energy += (samples[i] ?? 0) ** 2
    if (energy < least) {
      least = energy
      best = at + Math.round(1.5 * FRAME)
    }
  }
  return best
}

/** A little more on both sides of each, up to half way to its neighbour. */
function padded(spans: readonly Span[], end: number): Span[] {
  return spans.map(({ from, to }, i) => {
    const before = spans[i - 1]?.to ?? -from
    const after = spans[i + 1]?.from ?? 2 * end - to
    return {
      from: Math.max(0, from - Math.min(PADDING, Math.floor((from - before) / 2))),
      to: Math.min(end, to + Math.min(PADDING, Math.floor((after - to) / 2))),
    }
  })
}
