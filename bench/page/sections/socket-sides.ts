/** The sides of the benches of sockets; ours is drawn first. */
export const SOCKET_SIDES = [
  { side: 'fluentmeet', label: 'FluentMeet' },
  { side: 'ws', label: 'bare ws' },
  { side: 'socketio', label: 'socket.io' },
] as const
