import type { Joined, JoinRequest } from './generated/api.ts'
import type { Api, CallOptions, OperationName, RequestOptions } from './http/operation.ts'
import { MeetingSocket, type MeetingSocketOptions } from './socket/meeting-socket.ts'

/** Somebody in one meeting. Whoever joins without being signed in is a guest, and calls as that guest from then on. */
export interface Visit extends Api {
  /** To be given as `params` of a call about this meeting. */
  readonly room: { readonly room_code: string }
  /** Joins, or joins once more as who it is. Into a locked room one waits: `status` says so. */
  join(body?: JoinRequest): Promise<Joined>
  leave(): Promise<void>
  /** The meeting's socket, still to be connected. Needs to have joined. */
  socket(options?: Pick<MeetingSocketOptions, 'WebSocket' | 'clock'>): MeetingSocket
}

/** `api`: a session, or `createApi` for guests. The guest's token is in here only. */
export function createVisit(api: Api, roomCode: string): Visit {
  let guestToken: string | undefined
  const room = { room_code: roomCode }

  const asGuest = <O extends OperationName>(options: (CallOptions<O> & RequestOptions) | undefined) =>
    [guestToken === undefined ? options : { token: guestToken, ...options }] as never

  const call: Api['call'] = (operation, ...[options]) => api.call(operation, ...asGuest(options))
  const request: Api['request'] = (operation, ...[options]) => api.request(operation, ...asGuest(options))

  async function join(body: JoinRequest = {}) {
    const joined = await call('POST /meetings/{room_code}/join', { params: room, body })
    guestToken = joined.guest_token ?? guestToken
    return joined
  }

  return {
    baseUrl: api.baseUrl,
    room,
    call,
    request,
    join,
    leave: () => call('POST /meetings/{room_code}/leave', { params: room }),
    socket: (options) =>
      new MeetingSocket({
        ...options,
        url: `${api.baseUrl.replace(/^http/, 'ws').replace(/\/+$/, '')}/api/v1/ws/meetings/${encodeURIComponent(roomCode)}`,
        ticket: async () => (await call('POST /meetings/{room_code}/ws-ticket', { params: room })).ticket,
        rejoin: () => join(),
      }),
  }
}
