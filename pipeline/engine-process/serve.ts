/** What the server sends: the first message of all is what the engine needs to load. */
export interface Ask<Q> {
  id: number
  question: Q
}

/** What an engine process sends: `ready` once it has loaded, then an answer to each question. */
export type Told<A> = { ready: true } | { id: number; answer: A } | { id: number; failure: string }

/**
 * The other side of an engine process: loads once, then answers one question after the other. It ends with the server,
 * and ends itself when it cannot load.
 */
export function serve<L, Q, A>(load: (what: L) => (question: Q) => A): void {
  let answer: ((question: Q) => A) | null = null
  const tell = (message: Told<A>): void => void process.send?.(message)
  process.on('disconnect', () => process.exit())
  process.on('message', (message: Ask<Q> | { load: L }) => {
    if ('load' in message) {
      answer = load(message.load)
      return tell({ ready: true })
    }
    const { id, question } = message
    try {
      if (!answer) throw new Error('asked before it was loaded')
      tell({ id, answer: answer(question) })
    } catch (error) {
      tell({ id, failure: error instanceof Error ? error.message : String(error) })
    }
  })
}
