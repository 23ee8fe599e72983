/** The language of a text as ISO 639-1, or undefined when it cannot be told. The detector is loaded at the first call. */
export async function languageOfText(text: string): Promise<string | undefined> {
  const { eld } = await import('eld/small')
  return eld.detect(text).language || undefined
}
