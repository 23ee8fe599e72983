import pino from 'pino'

/** Lines are written together when there are so many bytes of them, or after so many milliseconds. */
const BLOCK_BYTES = 16_384
const EVERY_MS = 250
/** The most that one unit of a JavaScript string takes in UTF-8. */
const BYTES_PER_UNIT = 3

export interface LogOutput {
  write(line: string): void
  /** Writes what is still held, before the process ends. A block that is being written at that moment may come behind it; it is not lost. */
  flushSync(): void
}

/**
 * Where the log goes: standard output, or a file. Lines are written in blocks and never waited for: whoever opens it flushes it at the
 * end. Each line is encoded once, into the block; the library's own buffer counts the whole block's bytes again with every line.
 */
export function openLogOutput(destination: number | string = 1): LogOutput {
  const sink = pino.destination({ dest: destination, sync: false, contentMode: 'buffer' })
  let block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  let used = 0

  function pass(): void {
    if (used === 0) return
    // It takes buffers, whatever its types say.
    sink.write(block.subarray(0, used) as unknown as string)
    block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
    used = 0
  }

  setInterval(pass, EVERY_MS).unref()

  return {
    write(line) {
      const most = line.length * BYTES_PER_UNIT
      if (most > BLOCK_BYTES - used) pass()
      if (most > BLOCK_BYTES) sink.write(Buffer.from(line) as unknown as string)
      else used += block.write(line, used)
    },
    flushSync() {
      pass()
      sink.flushSync()
    },
  }
}
