import { useApp } from '../../app-context.ts'
import type { Devices } from '../../meeting/entry.ts'
import { DeviceTrial } from './device-trial.tsx'

export interface DeviceTrialsProps {
  devices: Devices
  onDevices(change: (last: Devices) => Devices): void
}

/** Microphone and camera; neither is needed. */
export function DeviceTrials({ devices, onDevices }: DeviceTrialsProps) {
  const { t } = useApp()
  return (
    <fieldset class="trials">
      <legend>{t('join.devices')}</legend>
      <p class="field-hint">{t('join.devicesHint')}</p>
      <DeviceTrial
        kind="microphone"
        wanted={devices.microphone}
        deviceId={devices.microphoneId}
        onWanted={(microphone) => onDevices((last) => ({ ...last, microphone }))}
        onDevice={(microphoneId) => onDevices((last) => ({ ...last, microphoneId }))}
      />
      <DeviceTrial
        kind="camera"
        wanted={devices.camera}
        deviceId={devices.cameraId}
        onWanted={(camera) => onDevices((last) => ({ ...last, camera }))}
        onDevice={(cameraId) => onDevices((last) => ({ ...last, cameraId }))}
      />
    </fieldset>
  )
}
