import type { TranslationPair, Translator } from '../../pipeline/translator.ts'

/** Which engines serve which directions, as they say at the moment. */
export interface Pairs {
  /** In order: the primary first. */
  serving(source: string, target: string): Translator[]
  /** What an engine's translations are remembered under: its way and its version. */
  identity(translator: Translator, source: string, target: string): string
  /** The directions of these engines together, each as the first of them that has it serves it. */
  of(translators: readonly Translator[]): TranslationPair[]
}

const nameOf = ({ source, target }: Pick<TranslationPair, 'source' | 'target'>): string => `${source}-${target}`

export function createPairs(translators: readonly Translator[]): Pairs {
  /** By the list they were read from: it is another one when something has changed. */
  const read = new WeakMap<readonly TranslationPair[], ReadonlyMap<string, TranslationPair>>()
  let merged: { lists: readonly (readonly TranslationPair[])[]; pairs: TranslationPair[] } = { lists: [], pairs: [] }

  function pairsOf(translator: Translator): ReadonlyMap<string, TranslationPair> {
    const list = translator.pairs()
    const known = read.get(list)
    if (known) return known
    const pairs = new Map(list.map((pair) => [nameOf(pair), pair]))
    read.set(list, pairs)
    return pairs
  }

  return {
    serving: (source, target) =>
      translators.filter((translator) => pairsOf(translator).has(nameOf({ source, target }))),
    identity(translator, source, target) {
      const pair = pairsOf(translator).get(nameOf({ source, target }))
      return `${pair?.engine ?? translator.name} ${translator.version ?? ''}`
    },
    of(some) {
      const lists = some.map((translator) => translator.pairs())
      const isSame = lists.length === merged.lists.length && lists.every((list, i) => list === merged.lists[i])
      if (!isSame) {
        const all = new Map<string, TranslationPair>()
        for (const pair of lists.flat()) if (!all.has(nameOf(pair))) all.set(nameOf(pair), pair)
        merged = { lists, pairs: [...all.values()] }
      }
      return merged.pairs
    },
  }
}
