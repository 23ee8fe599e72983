import { useRef, useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import type { LocalMedia } from '../calls/local-media.ts'
import type { Devices } from './entry.ts'
import { Leave } from './leave.tsx'
import { useMeeting } from './meeting-context.ts'
import { Volume } from './volume.tsx'

export interface ControlsProps {
  media: LocalMedia
  /** What was chosen before the meeting. */
  devices: Devices
  voiceVolume: number
  onVoiceVolume(volume: number): void
}

/** What one does oneself: speak, be seen, raise the hand, listen, leave. */
export function Controls({ media, devices, voiceVolume, onVoiceVolume }: ControlsProps) {
  const { t } = useApp()
  const { model } = useMeeting()
  const [volume, setVolume] = useState(1)
  const { hand } = model.people.me.value.state
  const speaks = !media.muted.value
  const films = media.video.value !== null
  const hears = model.spokenOutput.value
  const wanted = useRef(devices)

  /** Changes what is wanted, which a device that is still being asked for is too. */
  function choose(change: Partial<Devices>): void {
    const { microphone, camera } = wanted.current
    wanted.current = {
      ...wanted.current,
      microphone: microphone && media.audioProblem.value === null,
      camera: camera && media.videoProblem.value === null,
      ...change,
    }
    void media.choose(wanted.current)
  }

  return (
    <div class="controls" role="group" aria-label={t('meeting.controls')}>
      <Toggle
        on={speaks}
        texts={[t('meeting.speak'), t('meeting.mute')]}
        onToggle={(microphone) => choose({ microphone })}
      />
      <Toggle
        on={films}
        texts={[t('meeting.cameraOn'), t('meeting.cameraOff')]}
        onToggle={(camera) => choose({ camera })}
      />
      <Toggle on={hand} texts={[t('meeting.raiseHand'), t('meeting.lowerHand')]} onToggle={model.setHand} />
      <Toggle on={hears} texts={[t('meeting.hear'), t('meeting.hearOff')]} onToggle={model.setSpokenOutput} />
      {hears && (
        <Volume
          label={t('meeting.volume')}
          value={volume}
          onValue={(value) => {
            setVolume(value)
            model.setVolume(value)
          }}
        />
      )}
      <Volume label={t('meeting.voices')} value={voiceVolume} onValue={onVoiceVolume} />
      <span class="leave">
        <Leave />
      </span>
    </div>
  )
}

interface ToggleProps {
  on: boolean
  /** What the button does while it is off, and while it is on. */
  texts: readonly [string, string]
  onToggle(on: boolean): unknown
}

function Toggle({ on, texts, onToggle }: ToggleProps) {
  return (
    <button type="button" class={on ? 'button' : 'button quiet'} onClick={() => void onToggle(!on)}>
      {texts[Number(on)]}
    </button>
  )
}
