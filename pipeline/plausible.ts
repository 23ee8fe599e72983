// What recognisers write for sounds that are no words: [Music], (applause), *laughs*.
const SOUNDS = /\[[^\]]{0,80}\]|\([^)]{0,80}\)|\*[^*]{0,80}\*|[♪♫]+/gu
// Something said five times or more on end: a recogniser in a loop.
const LOOP = /(.{2,60}?)\1{4,}/gu
const WORDS = /[\p{L}\p{N}]/u
// Nobody says more in a second; a little more is allowed for very short clips.
const CHARACTERS_PER_SECOND = 30
const ALLOWED_ANYWAY = 15
// What Whisper learned to write when nobody speaks: the credits of films.
const CREDITS =
  /amara\.org|^(thanks for watching|thank you for watching|sous-titrage|sous-titres réalisés|subtítulos por|sottotitoli (creati|e revisione)|untertitel (der|von|im auftrag)|legendas pela comunidade)/iu

/** What a recogniser wrote for so many seconds of speech, without what it makes up; empty when all of it is. */
export function plausible(text: string, seconds: number): string {
  const said = text.replace(SOUNDS, ' ').replace(LOOP, '$1').replace(/\s+/gu, ' ').trim()
  if (!WORDS.test(said) || CREDITS.test(said)) return ''
  return said.length > ALLOWED_ANYWAY + CHARACTERS_PER_SECOND * seconds ? '' : said
}
