import { useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { errorText } from '../ui/form.tsx'

/** For buttons: runs a call, one at a time, and says what went wrong. */
export function useAction() {
  const { i18n } = useApp()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)

  async function run(action: () => Promise<unknown>): Promise<void> {
    if (busy) return
    setBusy(true)
    setError(null)
    await action().catch((reason: unknown) => setError(errorText(i18n, reason)))
    setBusy(false)
  }

  return { busy, error, run }
}
