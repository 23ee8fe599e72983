import { useEffect, useState } from 'preact/hooks'
import type { DeviceKind } from './device-list.ts'
import { type DeviceProblem, problemOf } from './problem.ts'

export interface StreamState {
  /** Null while there is none. */
  stream: MediaStream | null
  /** Of the last try. */
  problem: DeviceProblem | null
}

/** What a device gives while it is wanted; it is let go when it is not, and with the component. `onProblem`: the try has failed. */
export function useStream(
  kind: DeviceKind,
  wanted: boolean,
  deviceId: string | undefined,
  onProblem: () => void,
): StreamState {
  const [stream, setStream] = useState<MediaStream | null>(null)
  const [problem, setProblem] = useState<DeviceProblem | null>(null)
  useEffect(() => {
    if (!wanted) return
    let opened: MediaStream | null = null
    let stale = false
    function fail(why: DeviceProblem) {
      setProblem(why)
      onProblem()
    }
    setProblem(null)
    open(kind, deviceId).then(
      (given) => {
        if (stale) return stop(given)
        opened = given
        setStream(given)
        // Pulled out, or taken back in the browser's settings.
        for (const track of given.getTracks()) track.onended = () => fail('absent')
      },
      (error) => stale || fail(problemOf(error)),
    )
    return () => {
      stale = true
      stop(opened)
      setStream(null)
    }
  }, [kind, wanted, deviceId])
  return { stream, problem }
}

async function open(kind: DeviceKind, deviceId: string | undefined): Promise<MediaStream> {
  // A wish, not a condition: when that device is gone, another will do.
  const which = deviceId === undefined ? true : { deviceId }
  return navigator.mediaDevices.getUserMedia(kind === 'microphone' ? { audio: which } : { video: which })
}

function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop()
}
