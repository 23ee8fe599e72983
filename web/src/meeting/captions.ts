import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { CaptionFrame } from './frames.ts'

/** What was said, and what is being said now. */
export interface CaptionList {
  /** In the order in which they came to an end; the oldest are forgotten. */
  readonly finals: ReadonlySignal<readonly CaptionFrame[]>
  /** Under way: one or more of each speaker. */
  readonly interims: ReadonlySignal<readonly CaptionFrame[]>
  take(caption: CaptionFrame): void
  /** Nobody ends what this speaker had begun: it is gone. */
  forgetSpeaker(id: string): void
}

/** More than anybody scrolls back; the transcript has the rest. */
const MAX_FINALS = 500

export function createCaptionList(): CaptionList {
  const finals = signal<readonly CaptionFrame[]>([])
  const byId = signal<ReadonlyMap<string, CaptionFrame>>(new Map())

  function without(id: string): Map<string, CaptionFrame> {
    const rest = new Map(byId.value)
    rest.delete(id)
    return rest
  }

  return {
    finals,
    interims: computed(() => [...byId.value.values()]),
    take(caption) {
      const shown = finals.value.findLastIndex(({ id }) => id === caption.id)
      const before = shown >= 0 ? finals.value[shown] : byId.value.get(caption.id)
      // Somebody said it again who could not know that it was heard, or it came late.
      if (before && before.revision >= caption.revision && (before.final || !caption.final)) return
      if (!caption.final) {
        if (shown < 0) byId.value = new Map(byId.value).set(caption.id, caption)
        return
      }
      if (byId.value.has(caption.id)) byId.value = without(caption.id)
      if (shown >= 0) finals.value = finals.value.with(shown, caption)
      else finals.value = [...finals.value, caption].slice(-MAX_FINALS)
    },
    forgetSpeaker(id) {
      const rest = [...byId.value].filter(([, { speaker }]) => speaker.id !== id)
      if (rest.length < byId.value.size) byId.value = new Map(rest)
    },
  }
}
