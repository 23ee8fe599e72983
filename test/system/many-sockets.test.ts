import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createApertium } from '../../pipeline/apertium/apertium.ts'
import type { Translator } from '../../pipeline/translator.ts'
import { openPair } from '../support/app-pair.ts'
import { newUser, type SignedIn, send } from '../support/client.ts'
import { createDatabase, startPostgres } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { startServer } from '../support/server-process.ts'
import { connect, type Frame, type TestSocket, ticketFor } from '../support/socket-client.ts'

const LANGUAGES = ['en', 'es', 'fr', 'pt'] as const
const SOCKETS = 200
const UTTERANCES = 30
/** How many join or connect at a time: a crowd, not an attack. */
const AT_ONCE = 10
/** Nothing takes this long, on however slow a machine: what does is lost. */
const PATIENCE_MS = 60_000

/** Counts what the real engine is asked, by text. */
function counting(): { translator: Translator; asked: Map<string, string[]> } {
  const engine = createApertium({ log: { warn: () => {} } })
  if (!engine) throw new Error('apertium is not installed: npm run setup')
  const asked = new Map<string, string[]>()
  const translator: Translator = {
    ...engine,
    translate(request) {
      asked.set(request.text, [...(asked.get(request.text) ?? []), request.target])
      return engine.translate(request)
    },
  }
  return { translator, asked }
}

async function inBatches<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map((item, i) => work(item, from + i)))))
  }
  return results
}

/** Tries again what was refused because a dependency was too slow for a process's budget, as a client does. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === 50 || !/SERVICE_UNAVAILABLE|closed 4503/.test(String(error))) throw error
      await pause(100)
    }
  }
}

/** Somebody in the room who reads one language, whatever happens to its connection. */
interface Member {
  readonly language: string
  readonly token: string
  readonly id: string
  socket: TestSocket
  /** Every frame with a number after the welcome, of all its connections, as it came. */
  readonly events: Frame[]
}

/** A crowd of guests, a quarter of them in each language, spread over the servers by turns. */
async function crowd(t: Test, bases: readonly string[], host: SignedIn) {
  const base = (i: number) => bases[i % bases.length] ?? ''
  const settings = { max_participants: 5 * SOCKETS }
  const made = await send<{ room_code: string }>(base(0), 'POST', '/api/v1/meetings', {
    token: host.token,
    body: { name: 'Assembly', settings },
  })
  const code = made.body.room_code
  await send(base(0), 'POST', `/api/v1/meetings/${code}/join`, { token: host.token, body: {} })

  async function join(i: number): Promise<Member> {
    const language = LANGUAGES[i % LANGUAGES.length] ?? 'en'
    const body = { display_name: `Guest ${i}`, speaking_language: language, listening_language: language }
    const joined = await send<{ guest_token: string; participant: { id: string } }>(
      base(i),
      'POST',
      `/api/v1/meetings/${code}/join`,
      { body },
    )
    if (joined.status !== 200) throw new Error(`join answered ${joined.status}: ${JSON.stringify(joined.body)}`)
    const { guest_token: token, participant } = joined.body
    const member: Partial<Member> & { events: Frame[] } = { language, token, id: participant.id, events: [] }
    // Every language at every server.
    member.socket = await patiently(() => open(member as Member, base(Math.floor(i / LANGUAGES.length))))
    return member as Member
  }

  /** Connects a member and collects what it gets; after a first connection it resumes where it was, or has not connected. */
  async function open(member: Member, at: string): Promise<TestSocket> {
    const last = member.events.at(-1)?.seq
    const early: Frame[] = []
    let collected = early
    const socket = await connect(t, at, code, await ticketFor(at, code, member.token), {
      onSocket(ws) {
        ws.on('message', (data) => {
          const frame = JSON.parse(data.toString()) as Frame
          if (frame.seq !== undefined && frame.type !== 'welcome') collected.push(frame)
        })
        if (last !== undefined) ws.once('open', () => ws.send(JSON.stringify({ type: 'resume', after_seq: last })))
      },
    })
    if (socket.refusal) throw new Error(`refused: ${JSON.stringify(socket.refusal.body)}`)
    await socket.next('welcome')
    socket.send({ type: 'ping' })
    await socket.next('pong')
    const refused = socket.frames.find(({ type }) => type === 'error')
    if (refused) {
      socket.close()
      throw new Error(`not resumed: ${JSON.stringify(refused)}`)
    }
    // What is live may come before what was missed: a client puts it in order, and each number comes once.
    member.events.push(...early.sort((a, b) => Number(a.seq) - Number(b.seq)))
    collected = member.events
    return socket
  }

  const members = await inBatches(Array.from({ length: SOCKETS }), (_, i) => patiently(() => join(i)))
  return { code, members, open: (member: Member, at: string) => patiently(() => open(member, at)) }
}

const utterance = (i: number, language: string): string =>
  ({
    en: `The meeting number ${i} starts in the morning.`,
    es: `La reunión número ${i} empieza por la mañana.`,
  })[language] ?? ''

const hasRead = ({ events }: Member, text: string): boolean =>
  events.some((frame) => frame.type === 'caption' && frame.source_text === text)

/** Resolves when the member has read the text. */
async function read(member: Member, text: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!hasRead(member, text)) {
    const { ws } = member.socket
    if (Date.now() > deadline) throw new Error(`not read: ${text}; socket ${ws.readyState} of ${ws.url}`)
    await pause(20)
  }
}

/** Says it, and again when it was refused; resolves when the speaker reads it itself. */
async function say(speaker: Member, text: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!hasRead(speaker, text)) {
    const { socket } = speaker
    const refusals = () => socket.frames.filter(({ type }) => type === 'error').length
    const before = refusals()
    socket.send({ type: 'say', text })
    while (!hasRead(speaker, text) && refusals() === before && speaker.socket === socket) {
      if (Date.now() > deadline) throw new Error(`not said: ${text}; socket ${socket.ws.readyState}`)
      await pause(20)
    }
    // One that was refused for taking too long may have been kept all the same.
    for (let i = 0; i < 50 && !hasRead(speaker, text); i++) await pause(20)
  }
}

/** What is wrong with what a member read: nothing, when it has every text in its language, once and in order. */
function problemsOf({ language, id, events }: Member, texts: readonly string[]): string[] {
  const captions = events.filter(({ type }) => type === 'caption')
  const problems: string[] = []
  const said = captions.map(({ source_text }) => source_text)
  if (said.join('\n') !== texts.join('\n')) problems.push(`read ${said.length} of ${texts.length}, or out of order`)
  const numbers = events.map(({ seq }) => Number(seq))
  if (numbers.some((seq, i) => i > 0 && seq !== Number(numbers[i - 1]) + 1)) problems.push('numbers are not in a row')
  for (const caption of captions) {
    const own = (caption.speaker as { id: string }).id === id
    const wanted = own ? caption.source_language : language
    const status = wanted === caption.source_language ? 'original' : 'translated'
    if (caption.language !== wanted || caption.status !== status)
      problems.push(`${caption.source_text}: ${caption.language}, ${caption.status}`)
  }
  return problems
}

function report(members: readonly Member[], texts: readonly string[]): string[] {
  return members.flatMap((member, i) =>
    problemsOf(member, texts).map((problem) => `${i} (${member.language}): ${problem}`),
  )
}

t.test(
  '200 sockets in four languages over two apps on one Redis: each reads every utterance in its language, once and in order, and the engine is asked three times an utterance',
  async (t) => {
    const [first, second] = [counting(), counting()]
    const { one, two } = await openPair(t, { maxSocketsPerUser: 100 }, [
      { translator: first.translator },
      { translator: second.translator },
    ])
    const host = await one.user()
    const { members } = await crowd(t, [one.base, two.base], host)
    const speakers = members.filter(({ language }) => language === 'en' || language === 'es').slice(0, 6)
    const texts: string[] = []
    for (let i = 0; i < UTTERANCES; i++) {
      const speaker = speakers[i % speakers.length] as Member
      const text = utterance(i, speaker.language)
      texts.push(text)
      // Speakers take turns, as people do.
      await say(speaker, text)
    }
    const last = texts.at(-1) ?? ''
    await Promise.all(members.map((member) => read(member, last)))
    t.strictSame(report(members, texts), [])
    for (const text of texts) {
      const asked = [...(first.asked.get(text) ?? []), ...(second.asked.get(text) ?? [])]
      const language = text.startsWith('La') ? 'es' : 'en'
      t.strictSame(
        asked.sort(),
        LANGUAGES.filter((other) => other !== language),
        text,
      )
    }
  },
)

t.test(
  'the same while one process is killed with -9 and another is started: after resuming nothing is missed',
  async (t) => {
    const redis = await startRedis(t)
    const shared = process.env.TEST_DATABASE_URL
    const settings = {
      REDIS_URL: redis.url,
      DATABASE_URL: shared ? await createDatabase(shared) : await (await startPostgres(t)).createDatabase(),
      SECRET_KEY: randomBytes(32).toString('base64url'),
      MAX_SOCKETS_PER_USER: '100',
      RATE_LIMIT_DEFAULT_PER_MINUTE: '100000',
      RATE_LIMIT_AUTH_PER_MINUTE: '1000',
      LOG_LEVEL: 'warn',
    }
    const [one, two] = await Promise.all([startServer(t, settings), startServer(t, settings)])
    const ws = ({ url }: { url: string }) => url.replace('http', 'ws')
    const { members, open } = await crowd(t, [one.url, two.url], await newUser(one.url))
    // A process whose Redis is too slow for a moment says 4503: come back.
    for (const member of members) {
      const stay = async (): Promise<void> => {
        if ((await member.socket.closed) !== 4503) return
        member.socket = await open(member, member.socket.ws.url.startsWith(ws(one)) ? one.url : two.url)
        return stay()
      }
      stay().catch((error: unknown) => t.error(error))
    }
    const stays = members.filter(({ socket }) => socket.ws.url.startsWith(ws(one)))
    const moves = members.filter((member) => !stays.includes(member))
    t.ok(stays.length === SOCKETS / 2 && moves.length === SOCKETS / 2)
    const speakers = stays.filter(({ language }) => language === 'en' || language === 'es').slice(0, 6)
    const texts: string[] = []
    async function talk(count: number): Promise<void> {
      for (let i = 0; i < count; i++) {
        const speaker = speakers[texts.length % speakers.length] as Member
        const text = utterance(texts.length, speaker.language)
        texts.push(text)
        await say(speaker, text)
      }
    }
    await talk(10)
    // While somebody speaks.
    await Promise.all([talk(5), two.stop('SIGKILL')])
    await Promise.all(moves.map(({ socket }) => socket.closed))
    const [three] = await Promise.all([startServer(t, settings), talk(5)])
    const back = inBatches(moves, async (member, i) => {
      member.socket = await open(member, i % 2 ? one.url : three.url)
    })
    await Promise.all([back, talk(UTTERANCES - 20)])
    const last = texts.at(-1) ?? ''
    await Promise.all(members.map((member) => read(member, last)))
    t.strictSame(report(members, texts), [])
  },
)
