export interface RoomSideOptions {
  readonly redisUrl: string
  readonly databaseUrl: string
  readonly secret: string
  /** How long the frame of a caption is, in bytes: the others send as much. */
  readonly frameBytes: number
}

/** Starts to listen on a free port of the loopback, and says which. */
export type StartRoomSide = (options: RoomSideOptions) => Promise<number>

/** Everything that is measured. */
export const ROOM_SIDES = {
  ws: async (options: RoomSideOptions) => (await import('./bare-ws.ts')).start(options),
  fluentmeet: async (options: RoomSideOptions) => (await import('./fluentmeet.ts')).start(options),
  socketio: async (options: RoomSideOptions) => {
    const { start } = (await import(String('./peers/socket-io.js'))) as { start: StartRoomSide }
    return start(options)
  },
} as const satisfies Record<string, StartRoomSide>

export type RoomSideName = keyof typeof ROOM_SIDES
