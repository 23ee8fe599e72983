import { EngineError } from '../../pipeline/engine-error.ts'
import type { TranscriberAnswer } from '../../pipeline/transcriber.ts'
import { shownLine } from '../stage/text.ts'

/** Far faster than anybody speaks. */
const CHARACTERS_PER_SECOND = 60
const SLACK = 200

/** An engine's transcript as it may be shown. `seconds`: how long the recording is. Throws EngineError when it cannot be one. */
export function checkedTranscript(engine: string, answer: TranscriberAnswer, seconds: number): TranscriberAnswer {
  const most = seconds * CHARACTERS_PER_SECOND + SLACK
  const text = shownLine(answer.text)
  const segments = answer.segments.map((segment) => ({ ...segment, text: shownLine(segment.text) }))
  const size = Math.max(
    text.length,
    segments.reduce((sum, segment) => sum + segment.text.length + 1, 0),
  )
  if (size > most) throw new EngineError(engine, 'garbage', 'more words than the recording can hold')
  return { ...answer, text, segments }
}
