const LONGEST = 400
// What espeak-ng takes for names of sounds instead of text, and what no text has.
const MNEMONICS = /\[{2,}/g
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g

/** A text in pieces that are spoken one after the other: whole sentences, cut at spaces only where they are very long. */
export function speakable(text: string, language: string): string[] {
  const clean = text.toWellFormed().replace(CONTROL, ' ').replace(MNEMONICS, '[').trim()
  const sentences = [...new Intl.Segmenter(language, { granularity: 'sentence' }).segment(clean)]
  const pieces: string[] = []
  for (const { segment } of sentences) {
    const last = pieces.at(-1)
    if (last !== undefined && last.length + segment.length <= LONGEST) pieces[pieces.length - 1] = last + segment
    else pieces.push(...cut(segment))
  }
  return pieces.filter((piece) => piece.trim() !== '')
}

function cut(sentence: string): string[] {
  const parts: string[] = []
  let rest = sentence
  while (rest.length > LONGEST) {
    const space = rest.lastIndexOf(' ', LONGEST)
    // Never between the halves of one character.
    const half = /[\ud800-\udbff]/.test(rest.charAt(LONGEST - 1)) ? 1 : 0
    const end = space > 0 ? space : LONGEST - half
    parts.push(rest.slice(0, end))
    rest = rest.slice(end)
  }
  return [...parts, rest]
}
