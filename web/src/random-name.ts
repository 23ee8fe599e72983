/** A name nobody else chooses. Not a UUID, which browsers make on secure pages only. */
export function randomName(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('')
}
