import { openClient } from '../rooms/sockets.ts'

const TEXT = 'The next train to the city leaves from platform nine in ten minutes.'
const PATIENCE_MS = 20_000

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
    const heard = clients.map(
      (client) => new Promise<void>((resolve) => client.onCaption((caption) => caption === id && resolve())),
    )
    speaker.say(id, `${TEXT} ${i}`)
    await within(Promise.all(heard))
  }
  if (end === 'ended') await call(port, host, `${room}/end`)
  else for (const token of tokens) await call(port, token, `${room}/leave`)
  for (const client of clients) client.close()
}

async function call<T>(port: number, token: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/meetings${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`POST /meetings${path} was answered with ${response.status}: ${text}`)
  return (text === '' ? {} : JSON.parse(text)) as T
}

async function within(work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('a caption did not come')), PATIENCE_MS)
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer))
}
