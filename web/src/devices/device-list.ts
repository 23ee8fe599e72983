import { useEffect, useState } from 'preact/hooks'

export type DeviceKind = 'microphone' | 'camera'

const KINDS: Readonly<Record<DeviceKind, MediaDeviceKind>> = { microphone: 'audioinput', camera: 'videoinput' }

/**
 * The devices of a kind, as they come and go. Browsers name them only to whom one was given: `stream` is looked at for that, and the list
 * made anew when it changes.
 */
export function useDeviceList(kind: DeviceKind, stream: MediaStream | null): readonly MediaDeviceInfo[] {
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([])
  useEffect(() => {
    const { mediaDevices } = navigator
    if (!mediaDevices || !stream) return
    let stale = false
    async function look() {
      const found = await mediaDevices.enumerateDevices().catch(() => [])
      if (!stale) setDevices(found.filter((device) => device.kind === KINDS[kind] && device.deviceId !== ''))
    }
    void look()
    mediaDevices.addEventListener('devicechange', look)
    return () => {
      stale = true
      mediaDevices.removeEventListener('devicechange', look)
    }
  }, [kind, stream])
  return devices
}
