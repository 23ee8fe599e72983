import { type ReadonlySignal, signal } from '@preact/signals'

/** Why there is no track: somebody said no, there is no such device, or something else uses it. */
export type MediaProblem = 'refused' | 'none' | 'busy'

/** One microphone or camera. */
export interface Capture {
  readonly track: ReadonlySignal<MediaStreamTrack | null>
  readonly problem: ReadonlySignal<MediaProblem | null>
  /** Opens a device, in place of another; does nothing when it is open already. Never rejects: `problem` tells. */
  open(deviceId?: string): Promise<void>
  /** Lets go of the device: its light goes out. */
  stop(): void
}

export function createCapture(get: (deviceId?: string) => Promise<MediaStreamTrack>): Capture {
  const track = signal<MediaStreamTrack | null>(null)
  const problem = signal<MediaProblem | null>(null)
  let device: string | undefined
  let turn = 0

  function stop(): void {
    turn += 1
    problem.value = null
    track.value?.stop()
    track.value = null
  }

  async function open(deviceId?: string): Promise<void> {
    if (track.value && device === deviceId) return
    // First, as many a phone opens only one camera at a time.
    stop()
    const own = turn
    try {
      const got = await get(deviceId)
      if (own !== turn) return got.stop()
      device = deviceId
      got.onended = () => {
        if (track.value !== got) return
        track.value = null
        problem.value = 'none'
      }
      track.value = got
    } catch (error) {
      if (own === turn) problem.value = problemOf(error)
    }
  }

  return { track, problem, open, stop }
}

function problemOf(error: unknown): MediaProblem {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused'
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'none'
}
