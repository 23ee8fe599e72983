import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { textFrame } from '../../realtime/text-frame.ts'

t.test('texts of every length come whole and in order, also between frames of the library', async (t) => {
  const texts = [0, 1, 125, 126, 65_535, 65_536, 200_000].map((length) => 'x'.repeat(length))
  texts.push('ñ'.repeat(62), 'ñ'.repeat(63), '語'.repeat(22_000), '🦊')
  const server = createServer()
  const wss = new WebSocketServer({ server })
  t.teardown(() => {
    server.close()
    for (const ws of wss.clients) ws.terminate()
  })
  wss.on('connection', (ws, { socket }) => {
    for (const text of texts) {
      socket.write(textFrame(text))
      ws.send(`after ${text.length}`)
    }
    ws.close(1000)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const ws = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const got: string[] = []
  ws.on('message', (data: Buffer, isBinary: boolean) => got.push(isBinary ? 'binary' : String(data)))
  const [code] = await once(ws, 'close')
  t.equal(code, 1000)
  t.strictSame(
    got,
    texts.flatMap((text) => [text, `after ${text.length}`]),
  )
})
