import { at, field, textOf } from '../json.ts'

export interface Utterance {
  /**
   * Takes one message of the provider. `end`: the last one, after which nothing is recognised any more; `error`: the provider says
   * that it failed.
   */
  take(message: string): 'taken' | 'end' | 'error' | 'garbage'
  /** What was recognised for good and not yet told is told. */
  flush(): void
}

/** One utterance holds so much at most; longer talk is told in several. */
const MAX_CHARACTERS = 2_000

/**
 * Puts words together. Deepgram settles an utterance piece by piece (`is_final`) and says when it is over (`speech_final`): until then
 * everything is interim to us, and grows.
 */
export function createUtterance({
  onInterim,
  onFinal,
}: {
  onInterim(text: string): void
  onFinal(text: string): void
}): Utterance {
  let settled = ''

  function flush(): void {
    const text = settled
    settled = ''
    if (text !== '') onFinal(text)
  }

  function take(message: string): ReturnType<Utterance['take']> {
    let parsed: unknown
    try {
      parsed = JSON.parse(message)
    } catch {
      return 'garbage'
    }
    const type = field(parsed, 'type')
    if (type === 'Metadata') return 'end'
    if (type === 'Error') return 'error'
    if (type !== 'Results') return 'taken'
    const words = textOf(at(parsed, 'channel', 'alternatives', 0, 'transcript'))
    if (words === undefined) return 'garbage'
    const text = [settled, words.trim()].filter((part) => part !== '').join(' ')
    if (field(parsed, 'is_final') !== true) {
      if (words.trim() !== '') onInterim(text)
      return 'taken'
    }
    settled = text
    if (field(parsed, 'speech_final') === true || text.length > MAX_CHARACTERS) flush()
    else if (words.trim() !== '') onInterim(text)
    return 'taken'
  }

  return { take, flush }
}
