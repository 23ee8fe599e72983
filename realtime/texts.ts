import type { Captions } from '../services/captions.ts'
import type { Payer } from '../services/meeting-allowance.ts'
import { isPollEvent } from '../services/polls/wire.ts'
import type { Polls } from '../services/polls.ts'
import type { AnyEvent } from './frames.ts'

/** What events say in the languages of their readers: captions, and polls. */
export interface EventTexts {
  /** Which of the languages the event could have texts for and has none. */
  lacked(event: AnyEvent, languages: Iterable<string>): string[]
  /** The event for readers of `languages` too; the payer, where there is one, pays for what engines do. Never throws. */
  complete(event: AnyEvent, roomId: string, languages: readonly string[], payer?: Payer): Promise<AnyEvent>
}

export function createEventTexts(deps: {
  captions: Pick<Captions, 'complete' | 'lacked'>
  polls: Polls['texts']
}): EventTexts {
  const { captions, polls } = deps
  return {
    lacked: (event, languages) => (isPollEvent(event) ? polls : captions).lacked(event, languages),
    complete: (event, roomId, languages, payer) =>
      isPollEvent(event) ? polls.complete(event, roomId, languages, payer) : captions.complete(event, languages, payer),
  }
}
