/** A sentence, or the space and line breaks between two. */
export interface Piece {
  readonly text: string
  /** False for what is passed on as it is: space, line breaks, and what has no letter (`?`, `2026`, an emoji). */
  readonly translatable: boolean
}

const LETTER = /\p{L}/u
const LINE_BREAK = /(\r\n|[\n\r\u2028\u2029])/u
const FINAL_PUNCTUATION = /[.!?…]+$/u

/** Splits a text so that its pieces joined give the text again. Sentences never cross a line break. */
export function splitSentences(text: string, language: string): Piece[] {
  const segmenter = new Intl.Segmenter(language, { granularity: 'sentence' })
  return text
    .split(LINE_BREAK)
    .flatMap((line) => [...segmenter.segment(line)].flatMap(({ segment }) => pieces(segment)))
}

function pieces(segment: string): Piece[] {
  const [, before = '', sentence = '', after = ''] = /^(\s*)(.*?)(\s*)$/su.exec(segment) ?? []
  return [before, sentence, after]
    .filter((text) => text !== '')
    .map((text) => ({ text, translatable: LETTER.test(text) }))
}

/** The sentence as the engine wants it: it takes what does not end in punctuation for the beginning of something. */
export function withFinalStop(sentence: string): string {
  return /[.!?]$/u.test(sentence) ? sentence : `${sentence}.`
}

/** Gives a translation the final punctuation and the first capital of its original. */
export function likeOriginal(translation: string, original: string): string {
  const tail = FINAL_PUNCTUATION.exec(original)?.[0] ?? ''
  const body = translation.replace(FINAL_PUNCTUATION, '').trimEnd()
  return (startsWithCapital(original) ? capitalised(body) : body) + tail
}

function startsWithCapital(text: string): boolean {
  const letter = LETTER.exec(text)?.[0]
  return letter !== undefined && /\p{Lu}/u.test(letter)
}

function capitalised(text: string): string {
  return text.replace(LETTER, (letter) => letter.toUpperCase())
}
