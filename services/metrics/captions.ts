import { Counter, Histogram, type Registry } from 'prom-client'
import type { CaptionText } from '../translation.ts'

export type CaptionKind = 'final' | 'interim'

/** What the captions tell of themselves. */
export interface CaptionMetrics {
  /** A caption was sent: each of its texts, and in how many seconds since it was said. */
  sent(kind: CaptionKind, texts: Readonly<Record<string, CaptionText>>, seconds: number): void
}

export const NO_CAPTION_METRICS: CaptionMetrics = { sent: () => undefined }

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const KINDS = ['final', 'interim'] as const
const STATUSES = ['original', 'translated', 'untranslated'] as const

/** Puts the captions' metrics into a Prometheus registry. They are counted where they are said. */
export function createCaptionMetrics(registry: Registry): CaptionMetrics {
  const registers = [registry]
  const sent = new Counter({
    ...{ name: 'fluentmeet_captions_total', help: 'Texts of captions, one for each language.', registers },
    labelNames: ['kind', 'status'] as const,
  })
  const seconds = new Histogram({
    ...{ name: 'fluentmeet_caption_seconds', help: 'Time from words to their caption in the room.', registers },
    ...{ labelNames: ['kind'] as const, buckets: SECONDS },
  })
  for (const kind of KINDS) for (const status of STATUSES) sent.inc({ kind, status }, 0)

  return {
    sent(kind, texts, took) {
      for (const { status } of Object.values(texts)) sent.inc({ kind, status })
      seconds.observe({ kind }, took)
    },
  }
}
