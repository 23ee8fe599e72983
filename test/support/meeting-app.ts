import type { Test } from 'tap'
import type { Overrides } from '../../app.ts'
import type { Config } from '../../config.ts'
import { createApertium } from '../../pipeline/apertium/apertium.ts'
import { buildTestApp } from '../helper.ts'
import { newUser, type SignedIn, send } from './client.ts'
import { connect, type SocketOptions, type TestSocket, ticketFor } from './socket-client.ts'

/** A listening app with short cuts for meetings. */
export interface MeetingApp {
  base: string
  user(language?: string): Promise<SignedIn>
  /** Makes a room that its host has joined; the code. */
  room(host: SignedIn): Promise<string>
  join(
    code: string,
    token: string | undefined,
    body?: object,
  ): Promise<{ guest_token?: string; participant: { id: string } }>
  /** Opens a socket with a fresh ticket, whether it comes to stand or not. */
  open(code: string, token: string, options?: SocketOptions): Promise<TestSocket>
  /** Opens a socket that has been welcomed. */
  enter(code: string, token: string, options?: SocketOptions): Promise<TestSocket>
  post(path: string, token: string, body?: unknown): Promise<number>
  close(): Promise<unknown>
}

/** Builds an app with the installed engine and with limits that a test does not meet, and lets it listen on a free port. */
export async function listen(
  t: Test,
  config: Partial<Config> = {},
  overrides: Partial<Overrides> = {},
): Promise<MeetingApp> {
  const app = await buildTestApp(t, {
    config: { rateLimitAuthPerMinute: 10_000, rateLimitDefaultPerMinute: 10_000, ...config },
    overrides: { translator: createApertium({ log: { warn: () => {} } }), ...overrides },
  })
  const base = await app.listen({ port: 0, host: '127.0.0.1' })

  async function join(code: string, token: string | undefined, body: object = {}) {
    const path = `/api/v1/meetings/${code}/join`
    const answer = await send<{ participant: { id: string } }>(base, 'POST', path, {
      ...(token ? { token } : {}),
      body,
    })
    if (answer.status !== 200) throw new Error(`join answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const open: MeetingApp['open'] = async (code, token, options = {}) =>
    connect(t, base, code, await ticketFor(base, code, token, options.origin), options)

  return {
    base,
    user: (language) => newUser(base, language),
    async room(host) {
      const body = { name: 'Stand-up' }
      const answer = await send<{ room_code: string }>(base, 'POST', '/api/v1/meetings', { token: host.token, body })
      await join(answer.body.room_code, host.token)
      return answer.body.room_code
    },
    join,
    open,
    async enter(code, token, options) {
      const socket = await open(code, token, options)
      if (socket.refusal) throw new Error(`refused: ${JSON.stringify(socket.refusal.body)}`)
      await socket.next((frame) => frame.type === 'welcome')
      return socket
    },
    post: async (path, token, body) =>
      (await send(base, 'POST', path, { token, ...(body === undefined ? {} : { body }) })).status,
    close: () => app.close(),
  }
}
