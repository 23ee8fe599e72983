import type { ClientMessage, ServerMessage } from '../api/types.ts'

/** A frame of the server. */
export type ServerFrame = ServerMessage[keyof ServerMessage]
export type CaptionFrame = ServerMessage['caption']
export type SpeechFrame = ServerMessage['speech']
export type WelcomeFrame = ServerMessage['welcome']
export type SignalFrame = ServerMessage['signal']
export type PollFrame = ServerMessage['poll.opened'] | ServerMessage['poll.updated'] | ServerMessage['poll.closed']
export type ErrorFrame = ServerMessage['error']
export type { ClientMessage }
