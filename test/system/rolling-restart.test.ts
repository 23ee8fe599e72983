import t from 'tap'
import { createApi, createVisit, type FluentMeetError, type ServerFrame } from '../../clients/typescript/src/index.ts'
import { createPeople } from '../../scripts/join/people.ts'
import { newRoom, newUser, send } from '../support/client.ts'
import { startFleet } from '../support/fleet.ts'
import { until } from '../support/states.ts'

/** Each says a line so often; a connection may send 120 frames a minute. */
const SPEAKERS = 3
const PAUSE_MS = 1000

/** Somebody who attends with the TypeScript client. */
function attend(base: string, code: string, name: string, token: string | null) {
  const visit = createVisit(createApi({ baseUrl: base, token: () => token }), code)
  const socket = visit.socket()
  const frames: ServerFrame[] = []
  const people = createPeople()
  let losses = 0
  socket.on('frame', (frame) => {
    frames.push(frame)
    people.take(frame)
  })
  socket.on('offline', () => losses++)
  const who = { display_name: name, speaking_language: 'en', listening_language: 'en' }
  const ended = joinAtLast(() => visit.join(who)).then(() => socket.connect().over)
  const captions = () => frames.flatMap((frame) => (frame.type === 'caption' ? [frame] : []))
  const heard = () => captions().map(({ text }) => text)
  return { name, socket, people, ended, frames, captions, heard, losses: () => losses }
}

/** Which on a machine that is busy may take several tries. */
async function joinAtLast(join: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      return void (await join())
    } catch (error) {
      if ((error as FluentMeetError).code !== 'SERVICE_UNAVAILABLE') throw error
    }
  }
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
    await until(() => people.every((one) => one.people.me() !== null && one.people.present.size === people.length))
    const said: string[] = []
    let speaking = true
    const speakers = people.slice(0, SPEAKERS).map(async ({ name, socket }) => {
      for (let i = 0; speaking; i++) {
        const text = `${name} says line ${i}.`
        if (socket.say(text)) said.push(text)
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
      const numbers = frames.flatMap((frame) => (frame.type !== 'welcome' && 'seq' in frame ? (frame.seq ?? []) : []))
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
    const reconnected = people.filter(({ losses }) => losses() > 0)
    t.equal(reconnected.length, people.length, 'everybody was on one of the two')

    t.equal((await send(nginx.url, 'POST', `/api/v1/meetings/${code}/end`, { token: host.token })).status, 204)
    t.strictSame([...new Set(await Promise.all(people.map(async ({ ended }) => (await ended).code)))], [4410])
  },
)
