import type { User } from '../../api/types.ts'
import type { Devices } from '../../meeting/entry.ts'

/** How somebody wants to join. */
export interface Choices {
  /** A guest's. */
  name: string
  /** BCP 47. */
  speaking: string
  listening: string
  devices: Devices
}

/** What the profile says, or else the browser; without devices, so that nobody is heard or seen unasked. */
export function firstChoices(user: User | null, preferred: readonly string[]): Choices {
  const language = /^[a-z]{2,3}\b/i.exec(preferred[0] ?? '')?.[0].toLowerCase() ?? 'en'
  return {
    name: '',
    speaking: user?.speaking_language ?? language,
    listening: user?.listening_language ?? language,
    devices: { microphone: false, camera: false },
  }
}
