import { EngineError } from '../../pipeline/engine-error.ts'
import { shownText } from '../stage/text.ts'

/** Scripts differ in length: a Chinese character may become a word. */
const GROWTH = 10
const SLACK = 200
const MAX_CHARACTERS = 50_000

/** An engine's translation as it may be shown. Throws EngineError when it cannot be one. */
export function checkedTranslation(engine: string, answer: string, text: string): string {
  const shown = shownText(answer)
  if (shown.trim() === '' && text.trim() !== '') throw new EngineError(engine, 'garbage', 'an empty translation')
  if (shown.length > Math.min(MAX_CHARACTERS, text.length * GROWTH + SLACK))
    throw new EngineError(engine, 'garbage', 'a translation far longer than the text')
  return shown
}
