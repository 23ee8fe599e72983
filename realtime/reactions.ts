import type { Participant } from '../schemas/meetings.ts'
import { ofParticipant } from './audience.ts'
import type { Background } from './background.ts'
import type { Connection } from './connection.ts'
import type { AnyEvent } from './frames.ts'
import { CLOSE } from './limits.ts'
import type { Lobby } from './lobby.ts'
import type { Room } from './room.ts'
import type { Upkeep } from './upkeep.ts'

export interface ReactionsDeps {
  lobby: Lobby
  upkeep: Pick<Upkeep, 'stillThere'>
  background: Pick<Background, 'track'>
}

/** What the events of a room do to the sockets, besides being read on them. */
export function createReactions({ lobby, upkeep, background: { track } }: ReactionsDeps) {
  function onLeft(room: Room, event: AnyEvent): void {
    const own = ofParticipant(room.connections, event).filter(({ inside }) => inside)
    if (event.reason !== 'kicked') {
      if (own.length > 0) track(upkeep.stillThere(room, own))
      return
    }
    for (const connection of own) connection.close(CLOSE.forbidden, 'removed from the room')
  }

  function onUpdated(room: Room, event: AnyEvent): void {
    for (const connection of ofParticipant(room.connections, event)) {
      const wasHost = connection.isHost
      update(connection, event.participant as Participant)
      if (connection.inside && connection.isHost && !wasHost) track(lobby.introduce(room, connection))
    }
  }

  return {
    /** At once, whatever the frame of the event waits for. */
    onArrived(room: Room, event: AnyEvent): void {
      const waiting = () => ofParticipant(room.connections, event).filter(({ inside }) => !inside)
      if (event.type === 'participant.updated') onUpdated(room, event)
      else if (event.type === 'participant.left') onLeft(room, event)
      else if (event.type === 'lobby.rejected') for (const connection of waiting()) lobby.reject(connection, event)
      else if (event.type === 'lobby.admitted' || event.type === 'lobby.left')
        for (const connection of waiting()) track(lobby.look(room, connection))
    },

    /** After those inside were told. */
    onDelivered(room: Room, event: AnyEvent): void {
      if (event.type !== 'room.ended') return
      for (const connection of room.connections) connection.close(CLOSE.roomEnded, 'the room has ended')
    },
  }
}

/** Takes over what an event says of a participant. Whether it is inside is not decided here. */
function update(connection: Connection, participant: Participant): void {
  const { speaking_language, listening_language, display_name, role, state } = participant
  connection.participant = {
    ...connection.participant,
    ...{ speaking_language, listening_language, display_name, role },
    ...state,
  }
}
