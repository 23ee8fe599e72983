import { createQueue } from '../../pipeline/queue.ts'
import type { CaptionRecord } from '../../repositories/captions.ts'
import type { MeetingAllowance, Payer } from '../meeting-allowance.ts'
import { baseLanguage, type CaptionText, type Translation } from '../translation.ts'

/** How many translations all transcripts of a process have made at once: what people say now goes first. */
const AT_ONCE = 4
const MAX_WAITING = 1_000
/** How many of them one transcript asks for at once. */
const ASKED = 8

/** A record with the text that is shown. */
export interface ShownCaption {
  readonly record: CaptionRecord
  readonly shown: CaptionText & { readonly language: string }
}

/** Puts captions into a language: with the translation made when it was said, or else one made now. */
export function createTranslating(deps: {
  translation: Pick<Translation, 'caption'>
  meetingAllowance: Pick<MeetingAllowance, 'charge'>
}) {
  const { translation, meetingAllowance } = deps
  const queue = createQueue({ concurrency: AT_ONCE, maxWaiting: MAX_WAITING })

  async function translate(
    { text, language }: CaptionRecord,
    target: string,
    payer: Payer,
    signal: AbortSignal,
  ): Promise<CaptionText> {
    const untranslated = { text, status: 'untranslated' } as const
    const pay = async () => (await meetingAllowance.charge(payer, 'characters', text.length)).allowed
    const request = { text, source: language, targets: [target], signal, pay }
    const texts = await queue.run(() => translation.caption(request), signal).catch(() => null)
    return texts?.[target] ?? untranslated
  }

  async function show(
    record: CaptionRecord,
    target: string | null,
    payer: Payer,
    signal: AbortSignal,
  ): Promise<ShownCaption> {
    const { text, language, texts } = record
    if (target === null || baseLanguage(language) === target)
      return { record, shown: { text, language, status: 'original' } }
    const stored = Object.hasOwn(texts, target) ? texts[target] : undefined
    const made = stored
      ? ({ ...stored, status: 'translated' } as const)
      : await translate(record, target, payer, signal)
    return { record, shown: { ...made, language: made.status === 'translated' ? target : language } }
  }

  /**
   * In the order given. `target`: ISO 639-1, or null for what was said. The payer pays for what engines do. Never throws: what nobody
   * can translate or pay stays as it was said.
   */
  return async (
    records: readonly CaptionRecord[],
    target: string | null,
    payer: Payer,
    signal: AbortSignal,
  ): Promise<ShownCaption[]> => {
    const shown: ShownCaption[] = []
    for (let from = 0; from < records.length; from += ASKED) {
      const some = records.slice(from, from + ASKED)
      shown.push(...(await Promise.all(some.map((record) => show(record, target, payer, signal)))))
    }
    return shown
  }
}
