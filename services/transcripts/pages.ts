import type { CaptionRecord, CaptionsRange, CaptionsRepository } from '../../repositories/captions.ts'

const PAGE = 500
/** A caption that a client sent twice comes back within so many. */
const REMEMBERED = 2_000

/** Captions of a range in pages, oldest first, each once: memory stays bounded however long people spoke. */
export function createPages(captions: Pick<CaptionsRepository, 'page'>) {
  return async function* pagesOf(range: CaptionsRange): AsyncGenerator<CaptionRecord[], void> {
    const seen = new Set<string>()
    let last: CaptionRecord | null = null

    function isFirst({ participant_id, caption_id }: CaptionRecord): boolean {
      const key = `${participant_id}\n${caption_id}`
      if (seen.has(key)) return false
      seen.add(key)
      const [oldest] = seen
      if (seen.size > REMEMBERED && oldest !== undefined) seen.delete(oldest)
      return true
    }

    for (;;) {
      const page: CaptionRecord[] = await captions.page(range, last, PAGE)
      last = page.at(-1) ?? null
      yield page.filter(isFirst)
      if (page.length < PAGE) return
    }
  }
}
