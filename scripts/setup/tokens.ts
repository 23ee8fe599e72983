const VOCABULARY = /^const llama_vocab_base64 = "([A-Za-z0-9+/=]+)";?$/m

/**
 * The token table that the recogniser reads, one line an id (base64 of the token, a tab, the id), from the source text of
 * the tokenizer package, none of which is run.
 * @throws Error when the vocabulary is not where it was
 */
export function tokensOf(source: string): string {
  const [, base64] = VOCABULARY.exec(source) ?? []
  if (base64 === undefined) throw new Error('the tokenizer package has no vocabulary')
  const tokens = Buffer.from(base64, 'base64').toString('utf8').split('\n')
  return tokens.map((token, id) => `${Buffer.from(token).toString('base64')}\t${id}\n`).join('')
}
