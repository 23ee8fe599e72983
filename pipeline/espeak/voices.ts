/** A voice of espeak-ng, by its tag (`es-419`), and the languages it is for, the lower the priority the better. */
export interface EspeakVoice {
  tag: string
  priorities: ReadonlyMap<string, number>
}

// Priority, tag, age and gender, name, file, other languages with their priorities.
const LINE = /^\s*(\d+)\s+(\S+)\s+\S+\s+\S+\s+\S+\s*(.*)$/
const OTHER = /\(([a-z0-9-]+) (\d+)\)/g
const CODE = /^[a-z]{2}$/
// What is written for its own tag comes first: `pt` is the voice of Portugal, though that of Brazil says so too.
const OWN = -1

/** The table that `espeak-ng --voices` prints. */
export function parseVoices(table: string): EspeakVoice[] {
  return table.split('\n').flatMap((line) => {
    const [, priority, tag, others = ''] = LINE.exec(line) ?? []
    if (priority === undefined || tag === undefined) return []
    const languages = new Map([[tag, OWN]])
    const base = tag.split('-')[0] ?? tag
    if (base !== tag) languages.set(base, Number(priority) + 1)
    for (const [, code, other] of others.matchAll(OTHER)) {
      if (code !== undefined && code !== tag) languages.set(code, Number(other))
    }
    return [{ tag, priorities: languages }]
  })
}

/** The best voice of each language, by ISO 639-1 code. */
export function voicesByLanguage(voices: readonly EspeakVoice[]): Map<string, string> {
  const best = new Map<string, { tag: string; priority: number }>()
  for (const { tag, priorities } of voices) {
    for (const [code, priority] of priorities) {
      if (CODE.test(code) && priority < (best.get(code)?.priority ?? Number.POSITIVE_INFINITY))
        best.set(code, { tag, priority })
    }
  }
  return new Map([...best].sort().map(([code, { tag }]) => [code, tag]))
}
