import { computed, effect, type ReadonlySignal, signal } from '@preact/signals'
import type { Devices } from '../meeting/entry.ts'
import { createCapture, type MediaProblem } from './capture.ts'
import type { Tracks } from './link.ts'

export type { MediaProblem } from './capture.ts'

/** One's own microphone and camera. */
export interface LocalMedia {
  /** The microphone once it was open, silent while muted. */
  readonly audio: ReadonlySignal<MediaStreamTrack | null>
  readonly video: ReadonlySignal<MediaStreamTrack | null>
  readonly audioProblem: ReadonlySignal<MediaProblem | null>
  readonly videoProblem: ReadonlySignal<MediaProblem | null>
  /** Whether nobody hears one: muted, or without a microphone. */
  readonly muted: ReadonlySignal<boolean>
  /** What others are to get: no voice while muted. */
  readonly sent: ReadonlySignal<Tracks>
  /**
   * Opens, switches, mutes and stops until what is wanted is so. Never rejects. The microphone stays open while muted,
   * so that unmuting costs no word; the camera is let go.
   */
  choose(devices: Devices): Promise<void>
  close(): void
}

/** Small enough to be encoded for five others. */
const VIDEO = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 20, max: 30 } }
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }

export function createLocalMedia(devices: MediaDevices | undefined = navigator.mediaDevices): LocalMedia {
  async function get(constraints: MediaStreamConstraints): Promise<MediaStreamTrack> {
    // Browsers hide the devices from pages that did not come over a secure connection.
    if (!devices) throw new DOMException('no media devices', 'NotAllowedError')
    const [track] = (await devices.getUserMedia(constraints)).getTracks()
    if (!track) throw new DOMException('no track', 'NotFoundError')
    return track
  }
  // A device that was chosen once and is gone gives way to another.
  const microphone = createCapture((deviceId) => get({ audio: deviceId ? { ...AUDIO, deviceId } : AUDIO }))
  const camera = createCapture((deviceId) => get({ video: deviceId ? { ...VIDEO, deviceId } : VIDEO }))
  const speaks = signal(false)
  const muted = computed(() => !speaks.value || microphone.track.value === null)
  const silence = effect(() => {
    if (microphone.track.value) microphone.track.value.enabled = speaks.value
  })

  function close(): void {
    silence()
    microphone.stop()
    camera.stop()
  }

  return {
    audio: microphone.track,
    video: camera.track,
    audioProblem: microphone.problem,
    videoProblem: camera.problem,
    muted,
    sent: computed(() => ({ audio: muted.value ? null : microphone.track.value, video: camera.track.value })),
    async choose(wanted) {
      speaks.value = wanted.microphone
      if (!wanted.camera) camera.stop()
      // One that is still being asked for is not wanted any more.
      if (!wanted.microphone && !microphone.track.value) microphone.stop()
      await Promise.all([
        wanted.microphone && microphone.open(wanted.microphoneId),
        wanted.camera && camera.open(wanted.cameraId),
      ])
    },
    close,
  }
}
