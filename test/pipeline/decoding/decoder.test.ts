import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { createDecoder } from '../../../pipeline/decoding/decoder.ts'
import type { Program } from '../../../pipeline/decoding/program.ts'
import { SAMPLE_RATE } from '../../../pipeline/decoding/resampler.ts'
import { toneWav, UPLOAD_SECONDS, UPLOADS, type UploadName, upload } from '../../support/uploads.ts'

// Every file has a process of its own.
t.setTimeout(240_000)

const names = Object.keys(UPLOADS) as UploadName[]
const decoder = createDecoder()
const never = new AbortController().signal

/** Processes that this one started and that are there still, apart from those of the test runner. */
function children(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
        return stat.slice(stat.lastIndexOf(')')).split(' ')[2] === String(process.pid)
      } catch {
        return false
      }
    })
}

/** What a program finds on its standard input does not matter: it does what the script says. */
function script(code: string): Program {
  const args = ['-c', code]
  return { path: '/bin/sh', args, memory: 64 * 1024 * 1024, cpuSeconds: 5, fileSize: 0 }
}

const refused = (t: Test, bytes: Buffer, reason: string, name: string, with_ = decoder) =>
  t.rejects(with_.decode(bytes, never), { name: 'RecordingRefused', reason }, name)

/** How alike two recordings are, by the loudness of each tenth of a second: 1 is the same. */
function likeness(a: Float32Array, b: Float32Array): number {
  const curve = (samples: Float32Array) =>
    Array.from({ length: 30 }, (_, index) => {
      const part = samples.subarray(index * 1_600, (index + 1) * 1_600)
      return Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / part.length)
    })
  const [x, y] = [curve(a), curve(b)]
  const dot = (u: number[], v: number[]) => u.reduce((sum, value, index) => sum + value * (v[index] ?? 0), 0)
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
}

t.test('the same sentence comes out of every format, as 16 kHz mono', async (t) => {
  const reference = await decoder.decode(upload('wav'), never)
  for (const name of names) {
    const samples = await decoder.decode(upload(name), never)
    t.ok(Math.abs(samples.length / SAMPLE_RATE - UPLOAD_SECONDS) < 0.06, `${name}: ${samples.length / SAMPLE_RATE} s`)
    t.ok(likeness(samples, reference) > 0.97, `${name}: ${likeness(samples, reference)}`)
    t.ok(samples.every((value) => value >= -1 && value <= 1))
  }
})

t.test('a file that is cut off is refused, wherever it is cut', async (t) => {
  for (const name of names) {
    const bytes = upload(name)
    for (const share of [0.1, 0.5, 0.9, 0.995])
      await refused(t, bytes.subarray(0, Math.floor(bytes.length * share)), 'damaged', `${name}, ${share} of it`)
  }
})

t.test('what is no recording is refused, whatever it looks like', async (t) => {
  await refused(t, Buffer.alloc(0), 'damaged', 'nothing')
  await refused(t, Buffer.from('This is a text and no recording.'), 'unsupported', 'a text')
  await refused(t, Buffer.alloc(100_000), 'unsupported', 'zeros')
  await refused(t, Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'unsupported', 'a picture')
  await refused(t, Buffer.from('PK\x03\x04'), 'unsupported', 'an archive')
  await refused(t, toneWav(0), 'damaged', 'a file without a sample')
  const video = Buffer.from(upload('webm'))
  video.write('matroska', video.indexOf('webm') - 4 > 0 ? video.indexOf('webm') : 0, 'latin1')
  await t.rejects(decoder.decode(video, never), { name: 'RecordingRefused' })
})

t.test('WebM may hold the two codecs it is made for, and nothing loads others', async (t) => {
  const bytes = Buffer.from(upload('webm'))
  const at = bytes.indexOf('A_OPUS')
  bytes.write('A_DTS\0', at, 'latin1')
  await refused(t, bytes, 'unsupported', 'DTS')
})

t.test('a WAV file of a program that did not know its length is taken to its end', async (t) => {
  const bytes = upload('wav')
  bytes.writeUInt32LE(0xffff_ffff, 4)
  bytes.writeUInt32LE(0xffff_ffff, bytes.indexOf('data') + 4)
  const samples = await decoder.decode(bytes, never)
  t.ok(Math.abs(samples.length / SAMPLE_RATE - UPLOAD_SECONDS) < 0.06)
})

t.test('more sound than allowed is refused as soon as it shows, in every format', async (t) => {
  const short = createDecoder({ maxSeconds: 2 })
  for (const name of names) await refused(t, upload(name), 'too_long', name, short)
  t.equal((await createDecoder({ maxSeconds: 4 }).decode(upload('mp3'), never)).length > 48_000, true)
})

t.test('a decoder that hangs, breaks, floods or eats memory costs its own file and nothing more', async (t) => {
  const bytes = upload('wav')
  const withProgram = (code: string) => createDecoder({ program: script(code), timeoutMs: 1_000, maxSeconds: 2 })
  await refused(t, bytes, 'damaged', 'hangs', withProgram('sleep 60'))
  await refused(t, bytes, 'damaged', 'works for ever', withProgram('while :; do :; done'))
  await refused(t, bytes, 'damaged', 'is killed', withProgram('kill -SEGV $$'))
  await refused(t, bytes, 'damaged', 'ends oddly', withProgram('exit 77'))
  await refused(t, bytes, 'damaged', 'says nothing', withProgram('cat > /dev/null'))
  await refused(t, bytes, 'too_long', 'floods', withProgram('cat /dev/zero'))
  await refused(t, bytes, 'damaged', 'eats memory', withProgram('exec tail /dev/zero'))
  t.same(children(), [], 'no process is left')
  t.equal((await decoder.decode(bytes, never)).length > 0, true, 'the next file is decoded')
})

t.test('the decoder of strangers’ files reaches no file, no program and none of our settings', async (t) => {
  const { decodingProgram } = await import('../../../pipeline/decoding/programs.ts')
  const program = decodingProgram({ maxSeconds: 2, timeoutMs: 20_000, cpuSeconds: 10 })
  const probe = (code: string): Program => ({
    ...program,
    args: [...program.args.filter((argument) => argument.startsWith('--')), '-e', `${code}; process.exit(11)`],
  })
  const exits = async (code: string) => {
    const with_ = createDecoder({ program: probe(code), timeoutMs: 20_000 })
    return with_.decode(Buffer.from('x'), never).catch((error: { reason?: string }) => error.reason)
  }
  process.env.A_SECRET_OF_THE_TEST = 'canary'
  t.teardown(() => delete process.env.A_SECRET_OF_THE_TEST)
  // 10 is `unsupported`: the probe reached what it tried.
  t.equal(
    await exits(
      `require('fs').readFileSync('${join(import.meta.dirname, '../../../package.json')}'); process.exit(10)`,
    ),
    'unsupported',
    'the probe itself runs',
  )
  t.equal(await exits(`if (process.env.A_SECRET_OF_THE_TEST) process.exit(10)`), 'damaged', 'no environment')
  for (const attempt of [
    `require('fs').readFileSync('/etc/passwd')`,
    `require('fs').writeFileSync('${tmpdir()}/left-behind', 'x')`,
    `require('child_process').execSync('true')`,
    `new (require('worker_threads').Worker)('0', {eval: true})`,
  ])
    t.equal(await exits(`try { ${attempt}; process.exit(10) } catch {}`), 'damaged', attempt)
})

t.test('without a program for it m4a is refused, saying so, and the rest is taken', async (t) => {
  const without = createDecoder({ mp4Program: null })
  await t.rejects(without.decode(upload('m4a'), never), { reason: 'needs_program', message: /reads no m4a/ })
  t.ok((await without.decode(upload('flac'), never)).length > 0)
})

t.test('who is gone is not worked for', async (t) => {
  const gone = new AbortController()
  const decoding = createDecoder({ program: script('sleep 60') }).decode(upload('wav'), gone.signal)
  gone.abort()
  await t.rejects(decoding, { name: 'AbortError' })
  t.same(children(), [])
  await t.rejects(decoder.decode(upload('wav'), gone.signal), { name: 'AbortError' }, 'nothing is started')
})

t.test('a program that cannot be started is our fault, not the file’s', async (t) => {
  const path = '/nowhere/decoder'
  const broken = createDecoder({ program: { ...script(''), path } })
  await t.rejects(broken.decode(upload('wav'), never), { name: 'Error', message: /cannot be started/ })
})

t.test('files with wrong bytes are decoded or refused: nothing else happens', async (t) => {
  const mutants = fc.record({
    name: fc.constantFrom(...names),
    changes: fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), value: fc.nat(255) }), {
      minLength: 1,
      maxLength: 30,
    }),
  })
  await fc.assert(
    fc.asyncProperty(mutants, async ({ name, changes }) => {
      const bytes = Buffer.from(upload(name))
      // The beginning is where the structure is.
      for (const { at, value } of changes) bytes[Math.floor(at ** 3 * bytes.length)] = value
      const outcome = await decoder.decode(bytes, never).catch((error: Error) => error)
      if (outcome instanceof Float32Array) return outcome.length > 0 && outcome.every(Number.isFinite)
      return outcome.name === 'RecordingRefused'
    }),
    { numRuns: 40, interruptAfterTimeLimit: 60_000, endOnFailure: true },
  )
  t.same(children(), [])
})
