import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server that can be cut, as a network is. */
export interface CuttableProxy {
  readonly url: string
  /** Ends every connection and takes no other until `mend`. */
  cut(): void
  mend(): void
}

/** Passes TCP on to the server at `base`. Closed with the test. */
export async function startCuttableProxy(t: { teardown(end: () => void): void }, base: string): Promise<CuttableProxy> {
  const { hostname, port } = new URL(base)
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer((client) => {
    if (isCut) return void client.destroy()
    const upstream = connect(Number(port), hostname)
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one)
      one.pipe(other)
      one
        .on('error', () => one.destroy())
        .on('close', () => {
          open.delete(one)
          other.destroy()
        })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const destroyAll = () => {
    for (const socket of open) socket.destroy()
  }
  t.teardown(() => {
    destroyAll()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true
      destroyAll()
    },
    mend() {
      isCut = false
    },
  }
}
