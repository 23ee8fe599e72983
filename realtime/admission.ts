import { randomUUID } from 'node:crypto'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { addressGroup } from '../plugins/client-address.ts'
import { type Principal, subjectOf } from '../services/principal.ts'
import { createSparseLines } from '../sparse-lines.ts'
import { LEASE_MS } from '../state/socket-leases.ts'
import { type State, StateUnavailableError, type Subject } from '../state/state.ts'
import type { TicketGrant } from '../state/tickets.ts'
import { GUEST_SOCKETS_FACTOR, MAX_SOCKETS_PER_KEY } from './limits.ts'
import type { Admission, Admitted, SocketLog, SocketMeetings } from './ports.ts'
import { originAllowed, readProtocols } from './upgrade.ts'

export interface AdmitterDeps {
  config: Pick<Config, 'allowedOrigins' | 'publicUrl' | 'maxSocketsPerUser'>
  state: Pick<State, 'tickets' | 'socketLeases' | 'revocations'>
  meetings: SocketMeetings
  log: SocketLog
}

/** An upgrade request, as far as it decides. */
export interface UpgradeRequest {
  readonly roomCode: string
  readonly origin: string | undefined
  readonly protocols: string | undefined
  /** Of the client. */
  readonly address: string
  /** From an Authorization or X-API-Key header; null without one. */
  readonly principal: Principal | null
}

export interface Admitter {
  /**
   * Decides on an upgrade. An admitted caller holds a socket lease and a place in the room until `giveBack`. Throws
   * ORIGIN_NOT_ALLOWED, MALFORMED_REQUEST, UNAUTHENTICATED, TOKEN_REVOKED, NOT_FOUND, ROOM_ENDED, ROOM_FULL, RATE_LIMIT_EXCEEDED
   * with `Retry-After`, and what says that a dependency is down; then nothing is held.
   */
  admit(request: UpgradeRequest): Promise<Admitted>
  giveBack(admission: Admission): Promise<void>
}

export function createAdmitter({ config, state, meetings, log }: AdmitterDeps): Admitter {
  const timesToTell = createSparseLines()

  async function admit(request: UpgradeRequest): Promise<Admitted> {
    const { roomCode, origin, protocols: header, principal: bearer, address } = request
    if (!originAllowed(origin, config)) throw new AppError('ORIGIN_NOT_ALLOWED')
    const protocols = readProtocols(header)
    if (!protocols) throw new AppError('MALFORMED_REQUEST', 'Sec-WebSocket-Protocol is not valid.')
    const grant = protocols.ticket === null ? null : await redeem(protocols.ticket, origin)
    const principal = grant ? principalOf(grant) : bearer
    if (!principal) throw new AppError('UNAUTHENTICATED', 'Send a ticket or a token to open a meeting socket.')
    if (await isRevoked(principal)) throw new AppError('TOKEN_REVOKED')
    const { room, participant } = await participation(principal, roomCode, grant)

    const connectionId = randomUUID()
    const leasedTo = await lease(principal, addressGroup(address), connectionId)
    try {
      const entered = await meetings.enterSocket(room, participant, connectionId)
      const admission = { connectionId, principal, leasedTo, roomId: room.id, participantId: participant.id }
      return { admission, room, participant: entered }
    } catch (error) {
      await release(leasedTo, connectionId)
      throw hidden(error)
    }
  }

  /**
   * A lease under the caller's own name, and a guest's under its address too: names of guests are made by a call. A key has places of its
   * own, so that machines take none of their user's.
   */
  async function lease(principal: Principal, group: string, connectionId: string): Promise<readonly Subject[]> {
    const max = principal.kind === 'api_key' ? MAX_SOCKETS_PER_KEY : config.maxSocketsPerUser
    const limits: [Subject, number][] = [[subjectOf(principal), max]]
    if (principal.kind === 'guest') limits.push([`ip:${group}`, config.maxSocketsPerUser * GUEST_SOCKETS_FACTOR])
    let held: readonly Subject[] = []
    for (const [subject, max] of limits) {
      const acquired = await state.socketLeases.acquire(subject, connectionId, max).catch(async (error: unknown) => {
        await release(held, connectionId)
        throw error
      })
      if (!acquired) {
        await release(held, connectionId)
        const headers = { 'retry-after': String(LEASE_MS / 1000) }
        throw new AppError('RATE_LIMIT_EXCEEDED', 'Too many sockets are open: close one first.', { headers })
      }
      held = held.concat(subject)
    }
    return held
  }

  async function release(subjects: readonly Subject[], connectionId: string): Promise<void> {
    await Promise.all(subjects.map((subject) => state.socketLeases.release(subject, connectionId).catch(warn)))
  }

  /** The grant of a ticket that was made with this Origin. A ticket is spent by the try, whatever comes of it. */
  async function redeem(ticket: string, origin: string | undefined): Promise<TicketGrant> {
    const grant = await state.tickets.redeem(ticket)
    if (!grant || grant.origin !== (origin ?? '') || grant.expiresAt <= Date.now()) throw badTicket()
    return grant
  }

  /** Asks Redis, since a logout elsewhere may be on its way here; knows by itself when Redis is down. */
  async function isRevoked(principal: Principal): Promise<boolean> {
    if (state.revocations.isRevokedLocally(principal.sessionId)) return true
    try {
      return await state.revocations.isRevoked(subjectOf(principal), principal.sessionId)
    } catch (error) {
      if (error instanceof StateUnavailableError) return false
      throw error
    }
  }

  async function participation(principal: Principal, roomCode: string, grant: TicketGrant | null) {
    try {
      const found = await meetings.participation(principal, roomCode)
      if (grant && (found.room.id !== grant.roomId || found.participant.id !== grant.participantId)) throw badTicket()
      return found
    } catch (error) {
      if (grant && error instanceof AppError && error.code === 'NOT_FOUND') throw badTicket()
      throw hidden(error)
    }
  }

  /** Redis gone is one thing that is wrong, however many sockets close meanwhile. */
  function warn(err: unknown): void {
    const times = timesToTell('places')
    if (times !== null) log.warn({ err, times }, 'the place of a socket could not be given back')
  }

  return {
    admit,
    async giveBack({ connectionId, leasedTo, roomId, participantId }) {
      await Promise.all([
        release(leasedTo, connectionId),
        meetings.leaveSocket(roomId, participantId, connectionId).catch(warn),
      ])
    },
  }
}

/** One that has not joined, or has left, may not know of the room. */
function hidden(error: unknown): unknown {
  return error instanceof AppError && error.code === 'FORBIDDEN' ? new AppError('NOT_FOUND') : error
}

function badTicket(): AppError {
  return new AppError('UNAUTHENTICATED', 'The ticket is not valid: ask for a new one.')
}

/** The caller a ticket stands for: it lives as long as the token or key that asked for it. */
function principalOf({ subject, userId, sessionId, roomId, participantId, expiresAt }: TicketGrant): Principal {
  if (subject.startsWith('k:')) {
    if (userId === undefined) throw badTicket()
    return { kind: 'api_key', keyId: subject.slice(2), userId, sessionId, scopes: ['meetings:write'], expiresAt }
  }
  const token = { sessionId, jti: '', expiresAt }
  return subject.startsWith('u:')
    ? { kind: 'user', userId: subject.slice(2), ...token }
    : { kind: 'guest', participantId, roomId, ...token }
}
