import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { type Call, Refusal } from './api.ts'

export type Person = { id: string; display_name: string; status: 'joined' | 'waiting'; [field: string]: unknown }
/** A frame of the server. `offline` (`in_ms`: until the next try) is the session's own. */
export type Frame = { type: string; seq?: number; participant?: Person; [field: string]: unknown }

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000
const SILENT_MS = 60_000 // The server pings every 25 s.
const SAY_AGAIN_MS = 2000
const MAX_UNSAID = 50
const PASSING = /^(NO_SERVER|SERVICE_UNAVAILABLE|RATE_LIMIT_EXCEEDED|ROOM_FULL|INTERNAL_ERROR|HTTP_429)$/
/** Close codes with nothing to come back to: left, bad frames, token ended, forbidden, joined elsewhere, room ended. */
const FINAL = [1000, 4400, 4401, 4403, 4409, 4410]

/** One person in one meeting, over as many connections as it takes. `onFrame` gets every event once, in the order of the numbers. */
export function createSession(options: { call: Call; socketUrl: string; who: object; onFrame(frame: Frame): void }) {
  const { call, socketUrl, who, onFrame } = options
  const people = new Map<string, Person>()
  /** By caption id: what was said and is not heard back yet; what was heard. */
  const unsaid = new Map<string, string>()
  const heard = new Set<string>()
  const ending = new AbortController()
  let me: Person | null = null
  let socket: WebSocket | null = null
  let lastSeq: number | null = null
  let failures = 0
  /** Numbered events wait here while what was missed is on its way, to be put in order; nothing is said until then. */
  let gathered: Frame[] | null = []
  let left: Promise<unknown> | undefined

  /** Connects again and again until it is over; the close code. Throws Refusal when the first try fails or no other can succeed. */
  async function attend(): Promise<number> {
    await call('join', who)
    for (; !left; failures += 1) {
      let retryAfterMs = 0
      try {
        const code = await connect((await newTicket()).ticket)
        if (FINAL.includes(code)) return code
      } catch (error) {
        if (left) break
        if (!(error instanceof Refusal) || !PASSING.test(error.code) || !me) throw error
        retryAfterMs = error.retryAfterMs
      }
      // Half of it is chance: a server that comes back is not called by everybody at once.
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2)
      onFrame({ type: 'offline', in_ms: Math.max(retryAfterMs, pause) })
      await wait(Math.max(retryAfterMs, pause), null, { signal: ending.signal }).catch(() => undefined)
    }
    await left
    return 1000
  }

  /** Whoever was away for long has lost the place, and joins once more as who it was. */
  const newTicket = () =>
    call<{ ticket: string }>('ws-ticket').catch(async (error: Refusal) => {
      if (!['FORBIDDEN', 'NOT_FOUND'].includes(error.code)) throw error
      return call('join').then(() => call<{ ticket: string }>('ws-ticket'))
    })

  function connect(ticket: string): Promise<number> {
    const ws = new WebSocket(socketUrl, ['fluentmeet.v1', `ticket.${ticket}`], { handshakeTimeout: 10_000 })
    const silence = setTimeout(() => ws.terminate(), SILENT_MS)
    gathered = []
    socket = ws
    function receive(frame: Frame): void {
      if (ws.readyState !== WebSocket.OPEN) return
      if (frame.type === 'welcome') welcome(frame)
      if (frame.type === 'pong' && frame.id === 'resumed') settle()
      else if (frame.type === 'error' && frame.ref === 'resume' && (lastSeq || frame.code !== 'CONFLICT')) {
        // What came after that number is gone: the next connection asks for all that is kept.
        if (frame.code === 'CONFLICT') lastSeq = 0
        ws.close()
      } else if (gathered && frame.seq !== undefined && frame.type !== 'welcome') gathered.push(frame)
      else deliver(frame)
    }
    function welcome({ participant, participants, seq = 0 }: Frame): void {
      failures = 0
      me = participant ?? null
      people.clear()
      for (const person of participants as Person[]) people.set(person.id, person)
      if (me?.status === 'joined') lastSeq ??= seq
      utter()
    }
    function settle(): void {
      for (const event of gathered?.sort((a, b) => Number(a.seq) - Number(b.seq)) ?? []) deliver(event)
      gathered = null
      utter()
    }
    ws.on('open', () => {
      // Frames are acted on in order: with the pong all that was missed is here.
      if (lastSeq !== null) send({ type: 'resume', after_seq: lastSeq })
      send({ type: 'ping', id: 'resumed' })
    })
    ws.on('message', (data) => receive(JSON.parse(String(silence.refresh() && data))))
    ws.on('ping', () => silence.refresh())
    return new Promise((resolve, reject) => {
      ws.on('unexpected-response', async (_, response) => {
        const text = (await response.setEncoding('utf8').toArray()).join('')
        reject(new Refusal(response.statusCode ?? 0, text, response.headers['retry-after'] ?? null))
      })
      ws.on('error', ({ message }) => reject(new Refusal(0, message)))
      ws.on('close', () => clearTimeout(silence)).on('close', resolve)
    })
  }

  function deliver(frame: Frame): void {
    const { type, seq, participant: person } = frame
    if (seq !== undefined && type !== 'welcome') {
      if (seq <= (lastSeq ?? 0)) return
      lastSeq = seq
    }
    if (type === 'participant.left' && person) people.delete(person.id)
    else if (type.startsWith('participant.') && person) people.set(person.id, person)
    if (type === 'error' && frame.code === 'SERVICE_UNAVAILABLE') setTimeout(utter, SAY_AGAIN_MS).unref()
    else if (unsaid.delete(String(type === 'error' ? frame.ref : frame.id))) utter()
    // Somebody said it again who could not know that it was heard.
    if (type === 'caption' && heard.has(`${frame.id} ${frame.revision}`)) return
    if (type === 'caption' && frame.final) heard.add(`${frame.id} ${frame.revision}`)
    onFrame(frame)
  }
  const send = (frame: object) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(frame))
  /** Says the oldest line; the next one when that is heard, so that they stay in order whatever happens. */
  function utter(): void {
    const [line] = unsaid
    if (line && !gathered && me?.status === 'joined') send({ type: 'say', id: line[0], text: line[1] })
  }

  return {
    people,
    attend,
    me: () => me,
    /** Says it now or with the next connection, and until it is heard; false when too much waits. */
    say(text: string): boolean {
      if (unsaid.size >= MAX_UNSAID) return false
      if (unsaid.set(randomUUID(), text).size === 1) utter()
      return true
    },
    setLanguages: (speaking: string, listening: string) => send({ type: 'language.set', speaking, listening }),
    async leave(): Promise<void> {
      left = call('leave').catch(() => undefined)
      ending.abort()
      await left
      socket?.close(1000)
    },
  }
}
