/** A typed line on its way: said now or with the next connection, in order, until it is heard. */
export interface Line {
  /** Under which its caption comes back. */
  readonly id: string
  readonly text: string
}

export interface Lines {
  /** What is not heard back yet. */
  readonly waiting: readonly Line[]
  /** Null when too much waits already. */
  say(text: string): Line | null
  /** Says the oldest that waits: after a connection came, and when the server asked for patience. */
  utter(): void
  /** Takes one from the line, heard or refused, and says the next. */
  remove(id: string): Line | null
}

const MAX_WAITING = 50

/** `send` may come to nothing: it is asked again. `onChange` is told what waits. */
export function createLines(send: (line: Line) => unknown, onChange: (waiting: readonly Line[]) => void): Lines {
  let waiting: readonly Line[] = []

  // One at a time, so that they stay in order whatever happens.
  function utter(): void {
    const [line] = waiting
    if (line) send(line)
  }

  function set(next: readonly Line[]): void {
    waiting = next
    onChange(next)
  }

  return {
    get waiting() {
      return waiting
    },
    utter,
    say(text) {
      if (waiting.length >= MAX_WAITING) return null
      const line = { id: randomId(), text }
      set([...waiting, line])
      if (waiting.length === 1) utter()
      return line
    },
    remove(id) {
      const line = waiting.find((each) => each.id === id)
      if (!line) return null
      const wasUnderWay = line === waiting[0]
      set(waiting.filter((each) => each !== line))
      if (wasUnderWay) utter()
      return line
    },
  }
}

/** An id nobody else chooses. Not a UUID, which browsers make on secure pages only. */
function randomId(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('')
}
