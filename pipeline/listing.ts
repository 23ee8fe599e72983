/** What a provider says it serves, asked in the background. */
export interface Listing<T> {
  /** Null until the provider has answered once. What was known stays while the provider is away. */
  current(): T | null
  close(): void
}

export interface ListingOptions<T> {
  load: (signal: AbortSignal) => Promise<T>
  log: { warn(details: object, message: string): void }
  /** The engine's name. */
  engine: string
  /** Between two looks, and after one that failed. */
  refreshMs?: number
  retryMs?: number
  timeoutMs?: number
}

/** Asks at once, again after a failure, and now and then. */
export function createListing<T>(options: ListingOptions<T>): Listing<T> {
  const { load, log, engine, refreshMs = 3_600_000, retryMs = 10_000, timeoutMs = 10_000 } = options
  const closed = new AbortController()
  let known: T | null = null
  let isFailing = false
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    let next = refreshMs
    try {
      known = await load(AbortSignal.any([closed.signal, AbortSignal.timeout(timeoutMs)]))
      isFailing = false
    } catch (error) {
      if (closed.signal.aborted) return
      // An outage is said once.
      if (!isFailing) log.warn({ err: error, engine }, 'an engine did not say what it serves')
      isFailing = true
      next = retryMs
    }
    if (!closed.signal.aborted) timer = setTimeout(look, next).unref()
  }
  void look()

  return {
    current: () => known,
    close() {
      clearTimeout(timer)
      closed.abort()
    },
  }
}
