import t from 'tap'
import { createGate } from '../../services/passwords/gate.ts'
import { createPasswordPolicy } from '../../services/passwords/policy.ts'
import { createPasswords } from '../../services/passwords.ts'

const owner = { email: 'ana.lopez@example.org', full_name: 'Ana López García' }

t.test('a password may have 12 to 128 characters of any kind', async (t) => {
  const refuse = createPasswordPolicy()
  for (const good of [
    'correct horse battery staple',
    'uvX9#kk2-rTq',
    'пароль для встречи',
    'orbit-lantern-42',
    'two meetings and a kettle',
    '8305718246915',
    '🐎🔋📎🌊🍋🚲🎈🧭🪁🧊🥝🛶',
    'x7'.repeat(3) + 'qm-ridge'.repeat(15).slice(0, 122),
  ])
    t.equal(refuse(good, owner), null, good)
  t.match(refuse('uvX9#kk2-rT', owner), /at least 12/)
  t.match(refuse('🐎🔋📎🌊🍋🚲🎈🧭🪁🧊🥝', owner), /at least 12/, 'characters are counted, not bytes')
  t.match(refuse('orbit lantern '.repeat(10), owner), /at most 128/)
})

t.test('common passwords are refused, also dressed up', async (t) => {
  const refuse = createPasswordPolicy()
  for (const bad of [
    'leavemealone',
    'passwordpassword',
    'Password123!',
    'P@ssw0rd2024!',
    'qwertyuiop12',
    'q1w2e3r4t5y6',
    'iloveyou2024',
    '123456789012',
    'aaaaaaaaaaaa',
    'ABCABCABCABC',
    'abcdefghijkl',
    'ｐａｓｓｗｏｒｄ１２３４',
    'FluentMeet2024!',
    'fluentmeetfluentmeet',
    'M33ting!2026',
  ])
    t.match(refuse(bad, owner), /common/, bad)
})

t.test('the own name and address are refused, also dressed up', async (t) => {
  const refuse = createPasswordPolicy()
  for (const bad of [
    'ana.lopez@example.org',
    'Ana.Lopez.2024',
    'AnaLópezGarcía',
    'garcia lópez 12',
    'my-ana-lopez-secret',
  ])
    t.match(
      refuse(bad, { ...owner, full_name: 'Ana López García' }),
      bad.startsWith('garcia') ? null : /your name/,
      bad,
    )
  t.equal(refuse('banana-lopsided-42', owner), null, 'a piece by chance is no name')
})

t.test('a password is verified against its own hash only', async (t) => {
  const passwords = createPasswords()
  const hash = await passwords.hash('correct horse battery staple')
  t.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  t.equal(await passwords.verify(hash, 'correct horse battery staple'), true)
  t.equal(await passwords.verify(hash, 'correct horse battery stable'), false)
  t.equal(await passwords.verify(null, 'correct horse battery staple'), false, 'nobody has no password')
  t.equal(await passwords.verify(await passwords.hash('caf\u00e9 au lait noir'), 'cafe\u0301 au lait noir'), true)
})

t.test('a hash with other parameters is to be made again', async (t) => {
  const passwords = createPasswords()
  t.equal(passwords.needsRehash(await passwords.hash('correct horse battery staple')), false)
  t.equal(passwords.needsRehash('$argon2id$v=19$m=4096,t=3,p=1$c2FsdHNhbHQ$aGFzaA'), true)
})

t.test('a refused password names the field and never the password', async (t) => {
  const passwords = createPasswords()
  t.throws(() => passwords.requireGood('new_password', 'passwordpassword', owner), {
    code: 'VALIDATION_ERROR',
    details: [{ field: 'body.new_password', message: 'is too common: choose one that is harder to guess' }],
  })
})

t.test('so many hash at once, so many wait in order, the rest is refused', async (t) => {
  const { pass, load } = createGate({ concurrency: 2, queue: 3 })
  const order: number[] = []
  const finish: (() => void)[] = []
  let running = 0
  let most = 0
  const work = (i: number) =>
    pass(async () => {
      order.push(i)
      most = Math.max(most, ++running)
      await new Promise<void>((done) => finish.push(done))
      running--
    })
  const admitted = [0, 1, 2, 3, 4].map(work)
  await t.rejects(work(5), { code: 'SERVICE_UNAVAILABLE' })
  t.strictSame(load(), { running: 2, waiting: 3 })
  let settled = false
  const all = Promise.all(admitted).then(() => {
    settled = true
  })
  while (!settled) {
    finish.shift()?.()
    await new Promise(setImmediate)
  }
  await all
  t.strictSame(order, [0, 1, 2, 3, 4])
  t.equal(most, 2)
  t.strictSame(load(), { running: 0, waiting: 0 })
  const failing = pass(async () => {
    throw new Error('no luck')
  })
  await t.rejects(failing, { message: 'no luck' })
  t.equal(await pass(async () => 'place free again'), 'place free again')
})
