import type { Call, CallOptions } from '../api/client.ts'
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
  readonly code: string
  readonly joined: Joined
  /** Calls the API as this participant, user or guest. */
  readonly call: Call
  /** The same for what is no JSON. */
  request(method: string, path: string, options?: CallOptions): Promise<Response>
  /** Joins once more as who it is: after a long absence. Throws ApiError. */
  rejoin(): Promise<Joined>
  readonly devices: Devices
}

/** How a meeting was over for somebody. */
export type Outcome = 'left' | 'ended' | 'removed' | 'rejected' | 'signed_out' | 'elsewhere' | 'failed'
