import { setTimeout as sleep } from 'node:timers/promises'
import { openClient } from '../rooms/sockets.ts'

const TEXT = 'The next train to the city leaves from platform nine in ten minutes.'
const PATIENCE_MS = 20_000
/** How often a client that was told to come again does so, and after how long. */
const ATTEMPTS = 5
const AGAIN_MS = 1_000

/** The whole life of one room: it is made, its people come, each says something that all read, and it ends, or they leave. */
export async function visitRoom(port: number, tokens: readonly string[], end: 'ended' | 'left'): Promise<void> {
  const [host = ''] = tokens
  const { room_code } = await call<{ room_code: string }>(port, host, '', { name: 'Bench' })
  const room = `/${room_code}`
  const path = `/api/v1/ws/meetings/${room_code}`
  const clients = []
  for (const token of tokens) {
    await call(port, token, `${room}/join`, {})
    clients.push(await openClient('fluentmeet', { port, path, token }))
  }
  for (const [i, speaker] of clients.entries()) {
    const id = `c${i}`
    const say = () => speaker.say(id, `${TEXT} ${i}`)
    const refused = (of: string) => of === id && say()
    const heard = clients.map(
      (client) =>
        new Promise<void>((resolve) => client.listen({ caption: (caption) => caption === id && resolve(), refused })),
    )
    say()
    await within(Promise.all(heard))
  }
  if (end === 'ended') await call(port, host, `${room}/end`)
  else for (const token of tokens) await call(port, token, `${room}/leave`)
  for (const client of clients) client.close()
}

async function call<T>(port: number, token: string, path: string, body?: object): Promise<T> {
  const url = `http://127.0.0.1:${port}/api/v1/meetings${path}`
  const authorization = `Bearer ${token}`
  const content = body
    ? { headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) }
    : { headers: { authorization } }
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, { method: 'POST', ...content, signal: AbortSignal.timeout(PATIENCE_MS) })
    const text = await response.text()
    if (response.ok) return (text === '' ? {} : JSON.parse(text)) as T
    const message = `POST /meetings${path} was answered with ${response.status}: ${text}`
    if (attempt === ATTEMPTS || response.status !== 503) throw new Error(message)
    await sleep(AGAIN_MS)
  }
}

async function within(work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('a caption did not come')), PATIENCE_MS)
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer))
}
