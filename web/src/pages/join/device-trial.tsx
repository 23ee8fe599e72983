import { useApp } from '../../app-context.ts'
import { type DeviceKind, useDeviceList } from '../../devices/device-list.ts'
import { LevelMeter } from '../../devices/level-meter.tsx'
import { Preview } from '../../devices/preview.tsx'
import { useStream } from '../../devices/use-stream.ts'
import { CheckField, SelectField } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'

export interface DeviceTrialProps {
  kind: DeviceKind
  wanted: boolean
  /** Undefined: the browser's own choice. */
  deviceId: string | undefined
  onWanted(wanted: boolean): void
  onDevice(deviceId: string): void
}

/** A microphone or a camera, tried before it is used: it is heard or seen here, and another can be chosen. */
export function DeviceTrial({ kind, wanted, deviceId, onWanted, onDevice }: DeviceTrialProps) {
  const { t } = useApp()
  const { stream, problem } = useStream(kind, wanted, deviceId, () => onWanted(false))
  const devices = useDeviceList(kind, stream)
  const used = stream?.getTracks()[0]?.getSettings().deviceId ?? deviceId ?? ''
  return (
    <div class="trial">
      <CheckField
        label={t(`devices.${kind}.on`)}
        checked={wanted}
        onChange={(event) => onWanted(event.currentTarget.checked)}
      />
      <Notice>{wanted && !stream && t(`devices.${kind}.asking`)}</Notice>
      <Notice kind="bad">{problem && t(`devices.${kind}.${problem}`)}</Notice>
      {stream && kind === 'microphone' && <LevelMeter stream={stream} label={t('devices.microphone.level')} />}
      {stream && kind === 'camera' && <Preview stream={stream} label={t('devices.camera.preview')} />}
      {wanted && devices.length > 1 && (
        <SelectField
          label={t(`devices.${kind}.which`)}
          value={used}
          onChange={(event) => onDevice(event.currentTarget.value)}
        >
          {devices.map(({ deviceId: id, label }, index) => (
            <option key={id} value={id}>
              {label || t('devices.unnamed', { number: index + 1 })}
            </option>
          ))}
        </SelectField>
      )}
    </div>
  )
}
