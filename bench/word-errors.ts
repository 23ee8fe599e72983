/** What counts: letters and digits, without case, accents kept, numbers as they stand. */
export function words(text: string): string[] {
  const normal = text
    .toLowerCase()
    .replace(/\bmister\b/g, 'mr')
    .replace(/[^\p{L}\p{N}\s]/gu, ' ')
  return normal.split(/\s+/u).filter((word) => word !== '')
}

/** The fewest words to change, add or leave out between what was said and what was written. */
export function wordErrors(said: string, written: string): { errors: number; words: number } {
  const from = words(said)
  const to = words(written)
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (const [i, word] of from.entries()) {
    const next = [i + 1]
    for (const [j, other] of to.entries()) {
      const change = (row[j] ?? 0) + (word === other ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return { errors: row.at(-1) ?? 0, words: from.length }
}
