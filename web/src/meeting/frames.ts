import type {
  ClientFrame,
  PollClosed,
  PollOpened,
  PollUpdated,
  ServerFrame,
} from '../../../clients/typescript/src/index.ts'

export type {
  Caption as CaptionFrame,
  ErrorFrame,
  RelayedSignal as SignalFrame,
  Speech as SpeechFrame,
} from '../../../clients/typescript/src/index.ts'
export type PollFrame = PollOpened | PollUpdated | PollClosed
export type { ClientFrame, ServerFrame }
