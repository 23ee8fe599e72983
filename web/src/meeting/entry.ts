import type { Visit } from '../api/client.ts'
import type { Joined } from '../api/types.ts'

/** What somebody has chosen to be seen and heard with. */
export interface Devices {
  microphone: boolean
  camera: boolean
  /** Absent: the browser's own choice. */
  microphoneId?: string
  cameraId?: string
}

/** Somebody who has joined a meeting, as the join page hands it to the meeting. */
export interface Entry {
  /** Calls as this participant, user or guest. */
  readonly visit: Visit
  readonly joined: Joined
  readonly devices: Devices
}

/** How a meeting was over for somebody. */
export type Outcome = 'left' | 'ended' | 'removed' | 'rejected' | 'signed_out' | 'elsewhere' | 'failed'
