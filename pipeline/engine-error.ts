/**
 * Why an engine did not serve. `unreachable`: no answer came, and the request may be sent again. `busy`: it says so (429, 503).
 * `refused`: it does not let us (the key, the address, the model). `rejected`: this request is the problem, not the engine.
 * `failed`: an error of its own. `garbage`: an answer that cannot be used. `slow`: none in time.
 */
export type EngineFault = 'unreachable' | 'busy' | 'refused' | 'rejected' | 'failed' | 'garbage' | 'slow'

export interface EngineErrorOptions {
  /** How long a busy engine asks to wait. */
  retryAfterMs?: number
}

/**
 * An engine that did not serve. The message names the engine and what happened: never a key, a text, or what the engine answered,
 * which may repeat either.
 */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly fault: EngineFault
  readonly retryAfterMs: number | null

  constructor(engine: string, fault: EngineFault, what: string, { retryAfterMs }: EngineErrorOptions = {}) {
    super(`${engine}: ${what}`)
    this.fault = fault
    this.retryAfterMs = retryAfterMs ?? null
  }
}
