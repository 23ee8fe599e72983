/** What processes remember for one another. It may forget at any time, and never throws: a Redis that is away knows nothing. */
export interface SharedCache {
  /** `key`: a digest. Null when it is not known. */
  get(key: string): Promise<Buffer | null>
  /** Values above MAX_SHARED_BYTES are not kept. */
  set(key: string, value: Buffer, ttlMs: number): Promise<void>
}

export const MAX_SHARED_BYTES = 32 * 1024
