import { AppError } from '../../errors.ts'
import type { TranscriptFormat } from '../../schemas/transcripts.ts'
import { payerOf } from '../meeting-allowance.ts'
import { createAccess } from '../meetings/access.ts'
import { type Principal, subjectOf } from '../principal.ts'
import { baseLanguage } from '../translation.ts'
import { keptSince, type TranscriptsDeps } from './deps.ts'
import { attachment } from './filename.ts'
import { FORMATS } from './formats.ts'
import { createPages } from './pages.ts'
import { createTiming } from './timing.ts'
import { createTranslating } from './translating.ts'

/** How many captions one answer may have translated that were not translated when they were said. */
export const MAX_TRANSLATED = 2_000
/** How many translated transcripts one caller may read at once. */
const MAX_READING = 2

export interface TranscriptRequest {
  principal: Principal
  roomCode: string
  format: TranscriptFormat
  /** Absent: everything as it was said. */
  language?: string | undefined
  /** Aborts when the answer is through, or the caller gone. */
  signal: AbortSignal
}

export interface TranscriptAnswer {
  contentType: string
  disposition: string
  /** The document in pieces, each made when it is asked for. Throws DatabaseUnavailableError. */
  chunks: AsyncGenerator<string>
}

/** Transcripts for those who were there. */
export function createReading(deps: TranscriptsDeps) {
  const { captions, audit, saveNow, now } = deps
  const { access } = createAccess(deps)
  const pagesOf = createPages(captions)
  const translate = createTranslating(deps)
  const reading = new Map<string, number>()

  /** The room, and since when the caller may read it. */
  async function readable(principal: Principal, roomCode: string) {
    const { room, participant, isOwner } = await access(principal, roomCode)
    const wasThere = participant?.status === 'joined' || participant?.status === 'left'
    if (!isOwner && !wasThere) throw new AppError('FORBIDDEN', 'The transcript is for those who were there.')
    const since = keptSince(room, now())
    const joinedAt = participant?.joined_at ?? since
    return { room, from: principal.kind === 'guest' && joinedAt > since ? joinedAt : since }
  }

  /** Throws RATE_LIMIT_EXCEEDED. */
  function takePlace(subject: string, signal: AbortSignal): void {
    const others = reading.get(subject) ?? 0
    if (others >= MAX_READING) {
      const message = 'Too many translated transcripts at once.'
      throw new AppError('RATE_LIMIT_EXCEEDED', message, { headers: { 'retry-after': '5' } })
    }
    reading.set(subject, others + 1)
    const giveBack = () => {
      const left = (reading.get(subject) ?? 1) - 1
      if (left > 0) reading.set(subject, left)
      else reading.delete(subject)
    }
    if (signal.aborted) giveBack()
    else signal.addEventListener('abort', giveBack, { once: true })
  }

  return {
    /**
     * A room's transcript. Throws NOT_FOUND and FORBIDDEN as for the room, FORBIDDEN to one who only waits, RATE_LIMIT_EXCEEDED, and
     * UNPROCESSABLE when too much of it would have to be translated.
     */
    async read({ principal, roomCode, format, language, signal }: TranscriptRequest): Promise<TranscriptAnswer> {
      const { room, from } = await readable(principal, roomCode)
      const target = language === undefined ? null : baseLanguage(language)
      if (target !== null) takePlace(subjectOf(principal), signal)
      await saveNow(room.id)
      const range = { roomId: room.id, from, to: now() }
      if (target !== null && (await captions.countWithout(range, target, MAX_TRANSLATED + 1)) > MAX_TRANSLATED) {
        const message = `More than ${MAX_TRANSLATED} captions would have to be translated: ask for the original.`
        throw new AppError('UNPROCESSABLE', message)
      }
      await audit.recordOnce({
        ...{ action: 'transcript_exported', outcome: 'success', subject: room.id, roomId: room.id },
        details: { format, language: target },
      })
      const { contentType, head, caption, tail } = FORMATS[format]
      const pages = pagesOf(range)
      // The first page is read here, so that a database that is gone is still an answer of its own.
      const first = await pages.next()

      async function* write(): AsyncGenerator<string> {
        yield head({ room, language: target })
        const timed = createTiming()
        let index = 0
        for (let page = first; !page.done && !signal.aborted; page = await pages.next()) {
          const shown = await translate(page.value, target, payerOf(principal), signal)
          if (signal.aborted) return
          yield shown.map((each) => caption(timed(each), index++)).join('')
        }
        yield tail
      }

      return { contentType, disposition: attachment(room.name, format), chunks: write() }
    },
  }
}
