import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createApertium } from '../../../pipeline/apertium/apertium.ts'
import type { Translator } from '../../../pipeline/translator.ts'
import { childGroups, gone, membersOf } from './groups.ts'

const MEETING: Record<string, string[]> = {
  en: [
    'Good morning everyone.',
    "Let's start the meeting.",
    'Can you hear me?',
    'I will share my screen.',
    'The budget is ready for next year.',
    'We need to finish the project before Friday.',
    'Who wants to speak first?',
    'Thank you very much for your help!',
    'I have a question about the contract',
    'See you tomorrow at nine.',
  ],
  es: [
    'Buenos días a todos.',
    'Empecemos la reunión.',
    '¿Me oyes?',
    'Voy a compartir mi pantalla.',
    'El presupuesto está listo para el año que viene.',
    'Tenemos que terminar el proyecto antes del viernes.',
    '¿Quién quiere hablar primero?',
    '¡Muchas gracias por vuestra ayuda!',
    'Tengo una pregunta sobre el contrato',
    'Hasta mañana a las nueve.',
  ],
  fr: [
    'Bonjour à tous.',
    'Commençons la réunion.',
    "Est-ce que vous m'entendez ?",
    'Je vais partager mon écran.',
    "Le budget est prêt pour l'année prochaine.",
    'Nous devons finir le projet avant vendredi.',
    'Qui veut parler en premier ?',
    'Merci beaucoup pour votre aide !',
    "J'ai une question sur le contrat",
    'À demain à neuf heures.',
  ],
}

function open(t: Test, timeoutMs = 5_000): Translator {
  const translator = createApertium({ log: { warn: () => undefined }, timeoutMs })
  if (!translator)
    throw new Error('apertium is not installed: apt-get install apertium apertium-eng-spa apertium-fr-es')
  t.teardown(() => translator.close())
  return translator
}

for (const [source, target, engine] of [
  ['en', 'es', 'apertium'],
  ['es', 'en', 'apertium'],
  ['fr', 'es', 'apertium'],
  ['en', 'fr', 'apertium:en-es-fr'],
] as const) {
  t.test(`ten meeting sentences are translated from ${source} to ${target}`, async (t) => {
    const translator = open(t)
    for (const text of MEETING[source] ?? []) {
      const answer = await translator.translate({ text, source, target })
      t.equal(answer.engine, engine)
      t.not(answer.text.trim(), '')
      t.not(answer.text, text)
      t.notMatch(answer.text, /[*#@\\[\]]/, 'no mark of the engine shows')
      t.equal(/[.!?]$/.exec(answer.text)?.[0], /[.!?]$/.exec(text)?.[0], 'the final punctuation is kept')
    }
  })
}

t.test('words that are plain are translated as a dictionary has them', async (t) => {
  const translator = open(t)
  const { text } = await translator.translate({ text: 'I will share my screen.', source: 'en', target: 'es' })
  t.equal(text, 'Compartiré mi pantalla.')
})

t.test('50 at once in several directions get each its own answer', async (t) => {
  const translator = open(t)
  const questions = Array.from({ length: 50 }, (_, i) => ({
    text: `The meeting number ${i} is ready.`,
    source: 'en',
    target: i % 2 ? 'es' : 'ca',
  }))
  const answers = await Promise.all(questions.map((question) => translator.translate(question)))
  answers.forEach(({ text }, i) => {
    t.match(text, new RegExp(`\\b${i}\\b`))
  })
})

t.test('reserved characters, emoji and lines come through', async (t) => {
  const translator = open(t)
  const en = async (text: string) => (await translator.translate({ text, source: 'en', target: 'es' })).text
  t.equal(
    await en('Hello \\ [ 1 ] { 2 } ^ 3 $ 4 / 5 < 6 > 7 @ 8 # 9 * 10'),
    'Hola \\ [ 1 ] { 2 } ^ 3 $ 4 / 5 < 6 > 7 @ 8 # 9 * 10',
  )
  t.equal(await en('Hello 😀! Goodbye.\n\nThe house is red'), 'Hola 😀! Adiós.\n\nLa casa es roja')
  t.match(await en('The frobnicator is red.'), /frobnicator/)
  t.equal(await en('Hello\0.'), 'Hola.')
  for (const text of ['', ' ', '\n', '...', '?', '😀', '12:30']) t.equal(await en(text), text)
  t.equal(await en('Hello [[t:b:1]]^x/y<n>$.[]'), 'Hola [[t:b:1]]^x/y<n>$.[]')
})

t.test('2,000 characters without a full stop are translated', async (t) => {
  const translator = open(t)
  const text = 'the house is red and '.repeat(100).slice(0, 2_000)
  const answer = await translator.translate({ text, source: 'en', target: 'es' })
  t.equal(answer.text.match(/casa/g)?.length, text.match(/house/g)?.length)
})

t.test('a text cannot run a command', async (t) => {
  const translator = open(t)
  const proof = join(t.testdir(), 'proof')
  for (const text of [
    `$(touch ${proof})`,
    `\`touch ${proof}\``,
    `'; touch ${proof}; '`,
    `"| touch ${proof}\n& touch ${proof}`,
  ]) {
    await translator.translate({ text, source: 'en', target: 'es' })
  }
  t.notOk(existsSync(proof))
})

t.test('a member killed or stopped costs at most the request under way', async (t) => {
  const translator = open(t, 300)
  const hello = { text: 'Hello.', source: 'en', target: 'es' }
  await translator.translate(hello)
  const [first = 0] = childGroups()
  process.kill(membersOf(first)[4]?.pid ?? 0, 'SIGKILL')
  t.equal((await translator.translate(hello)).text, 'Hola.')
  const [second = 0] = childGroups()
  t.not(second, first)
  process.kill(membersOf(second)[4]?.pid ?? 0, 'SIGSTOP')
  await t.rejects(translator.translate(hello), { name: 'PipelineTimeoutError' })
  t.equal((await translator.translate(hello)).text, 'Hola.')
  await gone([first, second])
})

t.test('close leaves no process, and a closed engine refuses', async (t) => {
  const translator = open(t)
  await translator.translate({ text: 'Hello.', source: 'en', target: 'fr' })
  const groups = childGroups()
  t.equal(groups.length, 2)
  await translator.close()
  await gone(groups)
  await t.rejects(translator.translate({ text: 'Hello.', source: 'en', target: 'fr' }))
})

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  t.test(`its processes end with a parent that ends by ${signal}`, async (t) => {
    const script = `
      const { createApertium } = await import(${JSON.stringify(join(import.meta.dirname, '../../../pipeline/apertium/apertium.ts'))})
      const { childGroups } = await import(${JSON.stringify(join(import.meta.dirname, 'groups.ts'))})
      const translator = createApertium({ log: console })
      await translator.translate({ text: 'Hello.', source: 'en', target: 'es' })
      console.log(childGroups()[0])
      setInterval(() => undefined, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(parent.stdout, 'data')
    const group = Number(String(line))
    t.ok(membersOf(group).length > 5)
    parent.kill(signal)
    await gone([group])
  })
}

t.test('a direction started in advance runs before it is asked for', async (t) => {
  const translator = createApertium({ log: { warn: () => undefined }, prewarm: ['en-es', 'xx-yy'] })
  t.teardown(() => translator?.close())
  while (childGroups().length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  t.equal(childGroups().length, 1)
})

t.test('without modes or without the program there is no engine', async (t) => {
  t.equal(createApertium({ log: console, modesDir: t.testdir() }), null)
  const path = process.env.PATH
  t.teardown(() => {
    process.env.PATH = path
  })
  process.env.PATH = t.testdirName
  t.equal(createApertium({ log: console }), null)
})

t.test('a pair that no way joins, and an aborted request, reject', async (t) => {
  const translator = open(t)
  await t.rejects(translator.translate({ text: 'Hello.', source: 'en', target: 'ja' }))
  const signal = AbortSignal.abort()
  await t.rejects(translator.translate({ text: 'Hello.', source: 'en', target: 'es', signal }), { name: 'AbortError' })
})
