import { useEffect, useState } from 'preact/hooks'

export interface Loaded<T> {
  /** Null until it is there; the last one while another is on its way. */
  value: T | null
  /** Why there is none. */
  error: unknown
  reload(): void
  /** Puts in place what another call answered. */
  put(value: T): void
}

/** What a call answers, asked for anew when `key` changes. */
export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [value, put] = useState<T | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [round, setRound] = useState(0)
  useEffect(() => {
    let stale = false
    load().then(
      (loaded) => {
        if (stale) return
        setError(null)
        put(loaded)
      },
      (failure) => stale || setError(failure),
    )
    return () => {
      stale = true
    }
  }, [key, round])
  return { value, error, put, reload: () => setRound((last) => last + 1) }
}
