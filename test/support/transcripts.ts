import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { Config } from '../../config.ts'
import type { Translator } from '../../pipeline/translator.ts'
import { createParticipantsRepository } from '../../repositories/participants.ts'
import { createRoomsRepository } from '../../repositories/rooms.ts'
import { createCaptions } from '../../services/captions.ts'
import { buildTestApp } from '../helper.ts'
import type { Backend } from './backends.ts'
import { newRoom, newUser, type SignedIn, send } from './client.ts'
import { openRedisState } from './states.ts'

export interface TranscriptAnswer {
  status: number
  headers: Headers
  text: string
}

/** Asks for a transcript and gives the answer as it is. */
export async function transcriptOf(base: string, code: string, token: string, query = ''): Promise<TranscriptAnswer> {
  const response = await fetch(`${base}/api/v1/meetings/${code}/transcript${query}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** A listening app in which things are said without sockets. Its clock can be set ahead. */
export async function openTranscripts(
  t: Test,
  backend: Backend,
  translator: Translator | null = null,
  config: Partial<Config> = {},
) {
  let ahead = 0
  const urls = await backend.open(t)
  // With a wide budget: a loaded machine is not an outage.
  const state = urls.redisUrl ? { state: await openRedisState(t, urls.redisUrl) } : {}
  const app: FastifyInstance = await buildTestApp(t, {
    config: { ...urls, rateLimitAuthPerMinute: 10_000, rateLimitDefaultPerMinute: 10_000, ...config },
    overrides: { ...state, translator, now: () => new Date(Date.now() + ahead) },
  })
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  const { translation, meetings, database } = app.services
  const rooms = createRoomsRepository(database.db)
  const participants = createParticipantsRepository(database.db)
  const captions = createCaptions({
    ...app.services.state,
    ...{ translation, meetingAllowance: app.services.meetingAllowance, toParticipant: meetings.toParticipant },
  })

  async function roomOf(code: string) {
    const room = await rooms.findByCode(code)
    if (!room) throw new Error('no such room')
    return room
  }

  return {
    app,
    base,
    db: database.db,
    rooms,
    participants,
    roomOf,
    advance(ms: number) {
      ahead += ms
    },
    user: (language?: string) => newUser(base, language),
    /** A room that its host has joined; its code. */
    async room(host: SignedIn, settings: object = {}) {
      const code = await newRoom(base, host.token)
      const path = `/api/v1/meetings/${code}/config`
      if (Object.keys(settings).length > 0) await send(base, 'PATCH', path, { token: host.token, body: settings })
      return code
    },
    /** Joins, as a user or as a guest; the participant's id and the token to go on with. */
    async join(code: string, token: string | null, body: object = {}) {
      const answer = await send<{ participant: { id: string }; guest_token?: string }>(
        base,
        'POST',
        `/api/v1/meetings/${code}/join`,
        { ...(token ? { token } : {}), body },
      )
      if (answer.status !== 200) throw new Error(`join answered ${answer.status}: ${JSON.stringify(answer.body)}`)
      return { id: answer.body.participant.id, token: answer.body.guest_token ?? token ?? '' }
    },
    /** A participant says something, as its socket would. */
    async say(code: string, participantId: string, text: string, change: { id?: string; revision?: number } = {}) {
      const room = await roomOf(code)
      const speaker = await participants.find(room.id, participantId)
      if (!speaker) throw new Error('no such participant')
      const { id, revision = 0 } = change
      await captions.say({ roomId: room.id, speaker, text, id, final: true, revision, floor: 0 })
    },
    read: (code: string, token: string, query = '') => transcriptOf(base, code, token, query),
    /** The captions of the JSON transcript. */
    async captions(code: string, token: string, query = ''): Promise<Record<string, unknown>[]> {
      const { status, text } = await transcriptOf(base, code, token, query)
      if (status !== 200) throw new Error(`transcript answered ${status}: ${text}`)
      return JSON.parse(text).captions
    },
  }
}
