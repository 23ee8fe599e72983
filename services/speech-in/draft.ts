import { randomUUID } from 'node:crypto'

/** One state of what somebody says aloud. */
export interface HeardCaption {
  readonly id: string
  /** Of the same id, each greater than the one before. */
  readonly revision: number
  readonly final: boolean
  readonly text: string
  /** BCP 47 tag that was spoken. */
  readonly language: string
}

/** Captions of one stretch of speech: interims that grow, then a final one under the same id. */
export interface Draft {
  /** Shows words so far, unless they say less than those shown or come too soon after them. */
  interim(text: string): void
  /** Settles the caption; with '' what was shown last is settled. Resolves when it is sent. What follows is another caption. */
  final(text: string): Promise<void>
}

/** Interims of one speaker: two a second at most. */
export const INTERIM_EVERY_MS = 500

export function createDraft(deps: {
  language: string
  send(caption: HeardCaption): Promise<void>
  now: () => number
}): Draft {
  const { language, send, now } = deps
  let id = randomUUID()
  let revision = 0
  let shown = ''
  let shownAt = Number.NEGATIVE_INFINITY

  return {
    interim(text) {
      if (text === shown || text.length < shown.length || now() - shownAt < INTERIM_EVERY_MS) return
      shown = text
      shownAt = now()
      void send({ id, revision: revision++, final: false, text, language })
    },
    async final(text) {
      const caption = { id, revision, final: true, text: text === '' ? shown : text, language }
      id = randomUUID()
      revision = 0
      shown = ''
      if (caption.text !== '') await send(caption)
    },
  }
}
