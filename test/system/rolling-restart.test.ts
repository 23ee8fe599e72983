import t from 'tap'
import { createCall, type Refusal, readLink } from '../../scripts/join/api.ts'
import { createSession, type Frame } from '../../scripts/join/session.ts'
import { newRoom, newUser, send } from '../support/client.ts'
import { startFleet } from '../support/fleet.ts'
import { until } from '../support/states.ts'

/** Each says a line so often; a connection may send 120 frames a minute. */
const SPEAKERS = 3
const PAUSE_MS = 1000

/** Somebody who attends with the reference client. */
function attend(base: string, code: string, name: string, token: string | null) {
  const link = readLink(`${base}/join/${code}`)
  if (!link) throw new Error('no link')
  const frames: Frame[] = []
  const session = createSession({
    call: createCall(link.room, () => token),
    socketUrl: link.socket,
    who: { display_name: name, speaking_language: 'en', listening_language: 'en' },
    onFrame: (frame) => frames.push(frame),
  })
  /** The first try must succeed, which on a machine that is busy may take several. */
  async function attendAtLast(): Promise<number> {
    for (;;) {
      try {
        return await session.attend()
      } catch (error) {
        if (session.me() !== null || (error as Refusal).code !== 'SERVICE_UNAVAILABLE') throw error
      }
    }
  }
  const ended = attendAtLast()
  const captions = () => frames.filter(({ type }) => type === 'caption')
  return { name, session, ended, frames, captions, heard: () => captions().map(({ text }) => text) }
}

t.test(
  'a rolling restart: clients go over to the other process and back, and nothing that is said is lost or doubled',
  async (t) => {
    const { nginx, servers, restart } = await startFleet(t)
    const host = await newUser(nginx.url)
    const code = await newRoom(nginx.url, host.token)
    const names = Array.from({ length: SPEAKERS }, (_, i) => `Speaker ${i}`)
    const people = [...names, 'Reader 1', 'Reader 2'].map((name) => attend(nginx.url, code, name, null))
    people.push(attend(nginx.url, code, 'Host', host.token))
    await until(() => people.every(({ session }) => session.me() !== null && session.people.size === people.length))
    const said: string[] = []
    let speaking = true
    const speakers = people.slice(0, SPEAKERS).map(async ({ name, session }) => {
      for (let i = 0; speaking; i++) {
        const text = `${name} says line ${i}.`
        if (session.say(text)) said.push(text)
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
    })
    for (const index of [0, 1]) {
      const before = said.length
      t.equal(await servers[index]?.stop('SIGTERM'), 0, 'ends well')
      await restart(index)
      await until(() => said.length > before + SPEAKERS)
    }
    speaking = false
    await Promise.all(speakers)

    await until(() => people.every(({ heard }) => new Set(heard()).size === said.length))
    for (const { name, frames, heard, captions } of people) {
      t.strictSame(heard().toSorted(), said.toSorted(), `${name} heard everything, once`)
      const numbers = frames.flatMap(({ seq, type }) => (seq === undefined || type === 'welcome' ? [] : [seq]))
      t.strictSame(
        numbers,
        numbers.toSorted((a, b) => a - b),
        'in order',
      )
      t.strictSame(
        captions().map(({ seq }) => seq),
        people[0]?.captions().map(({ seq }) => seq),
        'the same for everybody',
      )
      for (const speaker of names) {
        const lines = heard().filter((text) => String(text).startsWith(speaker))
        t.strictSame(
          lines,
          said.filter((text) => text.startsWith(speaker)),
          `${speaker} in the order it spoke`,
        )
      }
    }
    const reconnected = people.filter(({ frames }) => frames.some(({ type }) => type === 'offline'))
    t.equal(reconnected.length, people.length, 'everybody was on one of the two')

    t.equal((await send(nginx.url, 'POST', `/api/v1/meetings/${code}/end`, { token: host.token })).status, 204)
    t.strictSame([...new Set(await Promise.all(people.map(({ ended }) => ended)))], [4410])
  },
)
