import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createEspeak, type EspeakOptions } from '../../pipeline/espeak/espeak.ts'
import { speakable } from '../../pipeline/espeak/pieces.ts'
import { parseVoices, voicesByLanguage } from '../../pipeline/espeak/voices.ts'
import { until } from '../support/states.ts'

const log = { warn: () => undefined }

function espeak(t: Test, options: Partial<EspeakOptions> = {}) {
  const engine = createEspeak({ log, ...options })
  if (!engine) throw new Error('espeak-ng is not installed')
  t.teardown(() => engine.close())
  return engine
}

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'fluentmeet-espeak-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A program that lists one voice and then does what the script says. */
function program(t: Test, script: string): string {
  const path = join(folder(t), 'espeak-ng')
  const voices = ' 5  en              --/M      English            gmw/en'
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --voices ] && { echo '${voices}'; exit; }\n${script}\n`, { mode: 0o755 })
  return path
}

t.test('text becomes sound, the longer the text the more, at the rate it says', async (t) => {
  const engine = espeak(t)
  const short = await engine.synthesize({ text: 'Good morning.', language: 'en' })
  const long = await engine.synthesize({ text: 'Good morning to everybody in this meeting.', language: 'en' })
  t.equal(short.sample_rate, 22_050)
  t.equal(short.engine, 'espeak-ng')
  t.ok(short.pcm.length > 22_050 * 2 * 0.4 && short.pcm.length < 22_050 * 2 * 4)
  t.ok(long.pcm.length > short.pcm.length)
  const loudest = new Int16Array(Uint8Array.from(short.pcm).buffer).reduce((max, x) => Math.max(max, Math.abs(x)), 0)
  t.ok(loudest > 2_000, 'it is not silence')
})

t.test('the languages of meetings have voices, each its own', async (t) => {
  const engine = espeak(t)
  for (const language of ['en', 'es', 'fr', 'de', 'it', 'pt', 'zh', 'ja']) t.ok(engine.languages().includes(language))
  t.ok(engine.languages().every((language) => /^[a-z]{2}$/.test(language)))
  const [english, spanish] = await Promise.all(
    ['en', 'es'].map((language) => engine.synthesize({ text: 'Radio.', language })),
  )
  t.notSame(english?.pcm, spanish?.pcm)
})

t.test('a voice is one of its language; anything else is refused', async (t) => {
  const engine = espeak(t)
  const usual = await engine.synthesize({ text: 'Caza.', language: 'es' })
  const american = await engine.synthesize({ text: 'Caza.', language: 'es', voice: 'es-419' })
  t.notSame(usual.pcm, american.pcm)
  for (const voice of ['fr-fr', 'nobody', '../es', '-h', ''])
    await t.rejects(engine.synthesize({ text: 'Caza.', language: 'es', voice }), {
      name: 'EngineError',
      fault: 'rejected',
    })
  await t.rejects(engine.synthesize({ text: 'Saluton.', language: 'xx' }), { name: 'EngineError', fault: 'rejected' })
})

t.test('a text is only spoken: options, markup and sound mnemonics in it mean nothing', async (t) => {
  const engine = espeak(t)
  const text = '--version -w /tmp/x [[h@loU]] <audio src="x"/> $(id)\u0000 end'
  t.ok((await engine.synthesize({ text, language: 'en' })).pcm.length > 22_050)
  t.strictSame(speakable('Say [[[h@loU]] now\u0000 .', 'en'), ['Say [h@loU]] now  .'])
})

t.test('long texts are cut between sentences, endless ones between words', async (t) => {
  const sentences = 'This is a sentence of forty characters!! '.repeat(50)
  const pieces = speakable(sentences, 'en')
  t.equal(pieces.join(''), sentences.trim())
  t.ok(pieces.every((piece) => piece.length <= 400 && /!!\s*$/.test(piece)))
  t.ok(speakable('word '.repeat(300), 'en').every((piece) => piece.length <= 400))
  const smileys = speakable('😀'.repeat(500), 'en')
  t.ok(smileys.every((piece) => piece.isWellFormed() && piece.length <= 400))
  t.strictSame(speakable(' \n ', 'en'), [])
})

t.test('nothing to say is no sound', async (t) => {
  t.match(await espeak(t).synthesize({ text: ' ', language: 'en' }), { pcm: Buffer.alloc(0), sample_rate: 22_050 })
})

t.test('an abort ends the process and the request', async (t) => {
  const pid = join(folder(t), 'pid')
  const engine = espeak(t, { program: program(t, `echo $$ > '${pid}.new'; mv '${pid}.new' '${pid}'; exec sleep 600`) })
  const abort = new AbortController()
  const speech = engine.synthesize({ text: 'Hello.', language: 'en', signal: abort.signal })
  speech.catch(() => undefined)
  await until(() => existsSync(pid))
  const running = readFileSync(pid, 'utf8')
  abort.abort(new Error('nobody listens'))
  await t.rejects(speech, { message: 'nobody listens' })
  await until(() => !isAlive(Number(running)))
  await t.rejects(engine.synthesize({ text: 'Hello.', language: 'en', signal: abort.signal }), {
    message: 'nobody listens',
  })
})

t.test('one that hangs, dies, or never stops talking fails its request only', async (t) => {
  const hung = espeak(t, { program: program(t, 'exec sleep 600'), timeoutMs: 50 })
  await t.rejects(hung.synthesize({ text: 'Hello.', language: 'en' }), { name: 'EngineError', fault: 'slow' })
  const dead = espeak(t, { program: program(t, 'kill -9 $$') })
  await t.rejects(dead.synthesize({ text: 'Hello.', language: 'en' }), {
    name: 'EngineError',
    fault: 'failed',
    message: /SIGKILL/,
  })
  const loud = espeak(t, { program: program(t, 'exec cat /dev/zero') })
  await t.rejects(loud.synthesize({ text: 'Hello.', language: 'en' }), { name: 'EngineError', fault: 'garbage' })
})

t.test('too many at once are turned away, and the closed engine answers nobody', async (t) => {
  const engine = espeak(t, { program: program(t, 'exec sleep 600'), maxWaiting: 0 })
  const all = Array.from({ length: 100 }, () =>
    engine.synthesize({ text: 'Hello.', language: 'en' }).catch((error: { fault?: string }) => error.fault),
  )
  t.equal(await Promise.race(all), 'busy')
  await engine.close()
  t.strictSame(new Set(await Promise.all(all)), new Set(['busy', 'unreachable']))
})

t.test('where espeak-ng is not installed there is no engine', async (t) => {
  t.equal(createEspeak({ log, program: join(folder(t), 'none') }), null)
})

t.test('the table of voices: own tag first, then priority', async (t) => {
  const table = `Pty Language       Age/Gender VoiceName          File                 Other Languages
 5  cmn             --/M      Chinese_(Mandarin) sit/cmn              (zh-cmn 5)(zh 5)
 2  en-gb           --/M      English_(GB)       gmw/en               (en 2)
 2  en-us           --/M      English_(America)  gmw/en-US            (en 3)
 5  pt-br           --/M      Portuguese_(Brazil) roa/pt-BR            (pt 6)
 5  pt              --/M      Portuguese         roa/pt               (pt-pt 5)
 5  yue             --/M      Chinese_(Cantonese) sit/yue              (zh-yue 5)(zh 8)
garbage`
  t.strictSame(
    [...voicesByLanguage(parseVoices(table))],
    [
      ['en', 'en-gb'],
      ['pt', 'pt'],
      ['zh', 'cmn'],
    ],
  )
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
