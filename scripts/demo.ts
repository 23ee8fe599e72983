/**
 * Two people with different languages in one meeting, over the real API and real sockets: `npm run demo` beside a running server.
 * Nothing is canned: what is printed is what each of them reads.
 */
import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'

const base = (process.env.PUBLIC_URL ?? `http://localhost:${process.env.PORT ?? '3000'}`).replace(/\/$/, '')
const api = `${base}/api/v1`
const CAPTION_TIMEOUT_MS = 20_000

const SENTENCES: readonly { speaker: 'Ana' | 'Ben'; text: string }[] = [
  { speaker: 'Ben', text: 'Good morning, thank you for coming.' },
  { speaker: 'Ana', text: 'Buenos días, ¿me oyen todos bien?' },
  { speaker: 'Ben', text: 'Yes, we can hear you.' },
  { speaker: 'Ben', text: 'The first question is about the budget for next year.' },
  { speaker: 'Ana', text: 'El presupuesto está casi terminado.' },
  { speaker: 'Ana', text: 'Necesitamos dos personas más en el equipo.' },
  { speaker: 'Ben', text: 'When can they start?' },
  { speaker: 'Ana', text: 'Pueden empezar en enero.' },
  { speaker: 'Ben', text: 'I will send the document this afternoon.' },
  { speaker: 'Ana', text: 'Perfecto, hablamos mañana.' },
]

interface Caption {
  id: string
  text: string
  language: string
  source_text: string
  status: string
  engine?: string
}

interface Person {
  name: string
  socket: WebSocket
  /** Resolves with this person's reading of the caption with that source text. */
  reads(sourceText: string): Promise<Caption>
}

async function call<T>(path: string, body: object, token?: string): Promise<T> {
  const response = await fetch(`${api}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** Signs somebody up and in; the answer is the access token. */
async function signUp(name: string, language: string): Promise<string> {
  const account = { email: `${name.toLowerCase()}-${randomUUID()}@example.org`, password: `demo-${randomUUID()}` }
  await call('/auth/signup', {
    ...account,
    full_name: name,
    speaking_language: language,
    listening_language: language,
    accepted_terms: true,
  })
  return (await call<{ access_token: string }>('/auth/login', account)).access_token
}

/** Joins the room and opens the socket; resolves when the server has welcomed it. */
async function enter(name: string, token: string, roomCode: string): Promise<Person> {
  await call(`/meetings/${roomCode}/join`, {}, token)
  const { ticket } = await call<{ ticket: string }>(`/meetings/${roomCode}/ws-ticket`, {}, token)
  const url = `${api.replace(/^http/, 'ws')}/ws/meetings/${roomCode}`
  const socket = new WebSocket(url, ['fluentmeet.v1', `ticket.${ticket}`])
  const captions: Caption[] = []
  const waiting = new Set<() => void>()
  const welcomed = Promise.withResolvers<void>()
  socket.on('error', welcomed.reject)
  socket.on('close', (code) => welcomed.reject(new Error(`${name}'s socket was closed with ${code}`)))
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as { type: string }
    if (frame.type === 'welcome') welcomed.resolve()
    if (frame.type === 'caption') captions.push(frame as unknown as Caption)
    for (const look of waiting) look()
  })
  await welcomed.promise
  const reads = (sourceText: string) =>
    new Promise<Caption>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} never read "${sourceText}"`)), CAPTION_TIMEOUT_MS)
      const look = () => {
        const caption = captions.find((candidate) => candidate.source_text === sourceText)
        if (!caption) return
        clearTimeout(timer)
        waiting.delete(look)
        resolve(caption)
      }
      waiting.add(look)
      look()
    })
  return { name, socket, reads }
}

function row(cells: string[], width = 58): string {
  return cells.map((cell) => cell.padEnd(width)).join('  ')
}

function shown(caption: Caption): string {
  if (caption.status === 'original') return caption.text
  return `${caption.text}  [${caption.status === 'untranslated' ? 'untranslated' : caption.engine}]`
}

async function main(): Promise<void> {
  console.log(`FluentMeet demo at ${base}\n`)
  const [anaToken, benToken] = await Promise.all([signUp('Ana', 'es'), signUp('Ben', 'en')])
  const room = await call<{ room_code: string; join_url: string }>('/meetings', { name: 'Weekly planning' }, benToken)
  console.log(`Room: ${room.join_url}\n`)
  const people = {
    Ana: await enter('Ana', anaToken, room.room_code),
    Ben: await enter('Ben', benToken, room.room_code),
  }
  console.log(row(['Ana reads (Spanish)', 'Ben reads (English)']))
  console.log(row(['-'.repeat(58), '-'.repeat(58)]))
  let untranslated = 0
  for (const { speaker, text } of SENTENCES) {
    people[speaker].socket.send(JSON.stringify({ type: 'say', text }))
    const [ana, ben] = await Promise.all([people.Ana.reads(text), people.Ben.reads(text)])
    untranslated += [ana, ben].filter((caption) => caption.status === 'untranslated').length
    console.log(
      row([`${speaker === 'Ana' ? '> ' : '  '}${shown(ana)}`, `${speaker === 'Ben' ? '> ' : '  '}${shown(ben)}`]),
    )
  }
  for (const person of Object.values(people)) person.socket.close(1000)
  await call(`/meetings/${room.room_code}/end`, {}, benToken)
  if (untranslated > 0)
    console.log(
      `\n${untranslated} sentences were not translated: no engine serves the pair. See "Engines" in the README.`,
    )
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error && error.cause ? `${error.message}: ${String(error.cause)}` : String(error))
  console.error(`Is the server running at ${base}? Start it with: npm start`)
  process.exitCode = 1
})
