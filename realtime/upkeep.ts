import { AppError } from '../errors.ts'
import { lobbyOf, placesFor } from '../services/meetings/capacity.ts'
import type { State } from '../state/state.ts'
import type { Connection } from './connection.ts'
import { CLOSE } from './limits.ts'
import type { SocketMeetings } from './ports.ts'
import type { Room } from './room.ts'

export interface UpkeepDeps {
  state: Pick<State, 'roomEvents' | 'presence' | 'socketLeases'>
  meetings: Pick<SocketMeetings, 'participation' | 'present' | 'sweep' | 'toParticipant'>
  connections: Iterable<Connection>
  rooms(): Room[]
}

/** What keeps shared state true to the sockets of this process, and the sockets true to it. */
export interface Upkeep {
  /** Renews every lease of this process in bulk. */
  renew(): Promise<void>
  /** Tells who is gone, then sees to those here who should be gone too. */
  sweep(room: Room): Promise<void>
  /** Redis is back, perhaps without what it knew: presence, languages and numbers are told again, then what was missed is fetched. */
  recover(room: Room): Promise<void>
  /** Sockets of one participant that is said to be gone: it left elsewhere, or its leases were lost or its sockets crossed. */
  stillThere(room: Room, own: readonly Connection[]): Promise<void>
}

export function createUpkeep({ state, meetings, connections, rooms }: UpkeepDeps): Upkeep {
  const { presence, roomEvents, socketLeases } = state

  async function renewPresence(room: Room): Promise<void> {
    const open = [...room.connections].filter(({ closing }) => !closing)
    const leasesOf = (some: readonly Connection[]) =>
      some.map(({ participant, admission }) => ({
        participantId: participant.id,
        connectionId: admission.connectionId,
      }))
    const [inside, waiting] = [open.filter((one) => one.inside), open.filter((one) => !one.inside)]
    if (inside.length > 0) await presence.renew(room.record.id, leasesOf(inside))
    if (waiting.length > 0) await presence.renew(lobbyOf(room.record.id), leasesOf(waiting))
  }

  async function stillThere(room: Room, own: readonly Connection[]): Promise<void> {
    const [first] = own
    if (!first) return
    const closeAll = (code: number, reason: string) => {
      for (const connection of own) connection.close(code, reason)
    }
    try {
      const { principal } = first.admission
      const { room: now, participant } = await meetings.participation(principal, room.record.room_code)
      // It left and knocked at a locked room: these sockets are of the time before.
      if (participant.status !== 'joined') return closeAll(CLOSE.left, 'left')
      for (const connection of own) {
        if (connection.closing) continue
        const { connectionId } = connection.admission
        const entry = await presence.enter(now.id, participant.id, connectionId, placesFor(now, participant.role))
        if (entry === 'full') return closeAll(CLOSE.overloaded, 'the room is full')
      }
      if (own.every(({ closing }) => closing)) return
      await presence.setListening(now.id, participant.id, participant.listening_language)
      const joined = { type: 'participant.joined', participant: meetings.toParticipant(participant) }
      await roomEvents.append(now.id, joined, room.seq)
    } catch (error) {
      const code = error instanceof AppError ? error.code : null
      if (code === 'ROOM_ENDED') closeAll(CLOSE.roomEnded, 'the room has ended')
      else if (code === 'FORBIDDEN' || code === 'NOT_FOUND') closeAll(CLOSE.left, 'left')
      else closeAll(CLOSE.unavailable, 'a dependency is down: retry')
    }
  }

  return {
    async renew() {
      const leases = [...connections]
        .filter(({ closing }) => !closing)
        .flatMap(({ admission: { leasedTo, connectionId } }) => leasedTo.map((subject) => ({ subject, connectionId })))
      if (leases.length > 0) await socketLeases.renew(leases)
      for (const room of rooms()) await renewPresence(room)
    },

    async sweep(room) {
      await meetings.sweep(room.record.id)
      // The word that somebody was removed may have been lost on its way.
      const before = [...room.connections].filter(({ inside, closing }) => inside && !closing)
      if (before.length === 0) return
      const present = new Set((await meetings.present(room.record.id)).map(({ id }) => id))
      const absent = before.filter(({ participant, closing }) => !closing && !present.has(participant.id))
      for (const own of Map.groupBy(absent, ({ participant }) => participant.id).values()) await stillThere(room, own)
    },

    async recover(room) {
      const { id } = room.record
      await renewPresence(room)
      const told = [...room.connections].filter(({ inside }) => inside)
      await Promise.all(
        told.map(({ participant }) => presence.setListening(id, participant.id, participant.listening_language)),
      )
      const [any] = told
      if (any && (await roomEvents.lastSeq(id)) < room.seq) {
        // The numbers go on from the last that was seen here: an event that changes nothing carries them.
        const participant = meetings.toParticipant(any.participant)
        await roomEvents.append(id, { type: 'participant.updated', participant }, room.seq)
      }
      await room.catchUp()
    },

    stillThere,
  }
}
