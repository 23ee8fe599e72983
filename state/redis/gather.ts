/**
 * Hands on together what is given within one turn of the event loop, in order and at most `most` at a time: many callers that each
 * have a question for Redis then share one command.
 */
export function createGather<Item>(most: number, handOn: (items: readonly Item[]) => void): (item: Item) => void {
  let gathered: Item[] = []

  function pass(): void {
    const items = gathered
    gathered = []
    if (items.length > 0) handOn(items)
  }

  return (item) => {
    if (gathered.length === 0) setImmediate(pass)
    gathered.push(item)
    if (gathered.length === most) pass()
  }
}
