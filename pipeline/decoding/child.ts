import { once } from 'node:events'
import { recognise } from './containers.ts'
import { EXIT } from './limits.ts'
import { RecordingRefused } from './refusal.ts'
import { samplesOf } from './samples.ts'

/**
 * The program that opens what strangers send: a recording on standard input, its sound on standard output as 32-bit float PCM, 16 kHz
 * mono. The argument is how many seconds it may last. It ends with 0 or with one of `EXIT`; a hostile file can bring down no more than it.
 */
async function main(): Promise<void> {
  const pieces: Buffer[] = []
  for await (const piece of process.stdin) pieces.push(piece)
  const bytes = Buffer.concat(pieces)
  for await (const samples of samplesOf(bytes, await recognise(bytes), Number(process.argv[2]))) {
    const out = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
    if (!process.stdout.write(out)) await once(process.stdout, 'drain')
  }
}

try {
  await main()
} catch (error) {
  // What the decoders throw at a broken file says nothing that anybody needs.
  process.exitCode = EXIT[error instanceof RecordingRefused ? error.reason : 'damaged']
}
