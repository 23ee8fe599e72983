import type { Socket } from 'node:net'

const END_OF_HEAD = Buffer.from('\r\n\r\n')

/** The statuses of the answers on a connection, one after another. */
export function answersOf(socket: Socket): { next(): Promise<number> } {
  let held: Buffer = Buffer.alloc(0)
  let take: ((status: number) => void) | null = null
  let fail: ((error: Error) => void) | null = null
  socket.on('data', (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const end = held.indexOf(END_OF_HEAD)
    if (end === -1) return
    const head = held.toString('latin1', 0, end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (held.length < end + END_OF_HEAD.length + length) return
    held = held.subarray(end + END_OF_HEAD.length + length)
    take?.(Number(head.slice(9, 12)))
  })
  const end = (error: Error) => fail?.(error)
  socket.on('error', end)
  socket.on('close', () => end(new Error('the connection was closed')))
  return {
    next: () =>
      new Promise((resolve, reject) => {
        take = resolve
        fail = reject
      }),
  }
}
