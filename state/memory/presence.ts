import { steadyClock } from '../clock.ts'
import type { Presence } from '../presence.ts'
import { LEASE_MS } from '../socket-leases.ts'
import type { Clock } from '../state.ts'

interface Present {
  /** Connection -> when its lease ends. */
  readonly leases: Map<string, number>
  listening: string | null
}

/** Who is in each room, within one process. */
export function createMemoryPresence({ now = steadyClock }: { now?: Clock } = {}): Presence {
  const rooms = new Map<string, Map<string, Present>>()

  const isLive = (present: Present | undefined): present is Present =>
    present !== undefined && [...present.leases.values()].some((expiresAt) => expiresAt > now())

  const liveIn = (roomId: string): [string, Present][] =>
    [...(rooms.get(roomId) ?? [])].filter(([, present]) => isLive(present))

  function hold(roomId: string, participantId: string, connectionId: string): void {
    const room = rooms.get(roomId) ?? new Map<string, Present>()
    rooms.set(roomId, room)
    const known = room.get(participantId)
    const present = isLive(known) ? known : { leases: new Map<string, number>(), listening: null }
    present.leases.set(connectionId, now() + LEASE_MS)
    room.set(participantId, present)
  }

  function forget(roomId: string, participantId: string): void {
    const room = rooms.get(roomId)
    room?.delete(participantId)
    if (room?.size === 0) rooms.delete(roomId)
  }

  return {
    async enter(roomId, participantId, connectionId, max) {
      const wasPresent = isLive(rooms.get(roomId)?.get(participantId))
      if (!wasPresent && liveIn(roomId).length >= max) return 'full'
      hold(roomId, participantId, connectionId)
      return wasPresent ? 'present' : 'entered'
    },
    async renew(roomId, leases) {
      for (const { participantId, connectionId } of leases) hold(roomId, participantId, connectionId)
    },
    async leave(roomId, participantId, connectionId) {
      const present = rooms.get(roomId)?.get(participantId)
      if (!present) return false
      if (connectionId === undefined) present.leases.clear()
      else present.leases.delete(connectionId)
      if (isLive(present)) return false
      forget(roomId, participantId)
      return true
    },
    list: async (roomId) => liveIn(roomId).map(([participantId]) => participantId),
    async sweep(roomId) {
      const gone = [...(rooms.get(roomId) ?? [])].filter(([, present]) => !isLive(present)).map(([id]) => id)
      for (const participantId of gone) forget(roomId, participantId)
      return gone
    },
    async setListening(roomId, participantId, language) {
      const present = rooms.get(roomId)?.get(participantId)
      if (isLive(present)) present.listening = language
    },
    async listening(roomId) {
      const languages = new Set<string>()
      for (const [, { listening }] of liveIn(roomId)) if (listening !== null) languages.add(listening)
      return [...languages]
    },
    async clear(roomId) {
      rooms.delete(roomId)
    },
  }
}
