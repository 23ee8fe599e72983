import t from 'tap'
import { type Machine, missing, plan } from '../../scripts/setup/plan.ts'

const MODES = ['eng-spa', 'eng-cat', 'spa-cat', 'es-pt', 'fr-es', 'spa-ita', 'fra-cat', 'por-cat', 'en-gl', 'es-gl']
const complete: Machine = {
  debian: true,
  root: true,
  apertium: true,
  modes: new Set(MODES),
  espeak: true,
  ffmpeg: true,
  redis: true,
  postgres: true,
  nginx: true,
  chromium: true,
  promtool: true,
}
const empty: Machine = {
  ...complete,
  apertium: false,
  modes: new Set(),
  espeak: false,
  ffmpeg: false,
  redis: false,
  postgres: false,
  nginx: false,
  chromium: false,
  promtool: false,
}

t.test('a complete machine needs nothing, whoever asks', async (t) => {
  t.strictSame(plan('tests', complete, true), { action: 'none' })
  t.strictSame(plan('tests', { ...complete, root: false, debian: false }, false), { action: 'none' })
})

t.test('only what is missing is named, by its Debian package', async (t) => {
  t.strictSame(missing('tests', { ...complete, redis: false }), ['redis-server'])
  t.strictSame(missing('tests', { ...complete, modes: new Set(MODES.slice(1)) }), ['apertium-eng-spa'])
  t.equal(missing('engines', empty).length, 13)
  t.strictSame(missing('engines', { ...complete, espeak: false, ffmpeg: false }), ['espeak-ng', 'ffmpeg'])
  t.strictSame(missing('tests', empty).slice(-5), [
    'redis-server',
    'postgresql',
    'nginx-light',
    'chromium',
    'prometheus',
  ])
})

t.test('the server does not ask for what only tests use', async (t) => {
  t.strictSame(
    plan(
      'engines',
      { ...complete, redis: false, postgres: false, nginx: false, chromium: false, promtool: false },
      true,
    ),
    {
      action: 'none',
    },
  )
})

t.test('on Debian as root the packages are installed, and named first', async (t) => {
  t.match(plan('tests', { ...complete, redis: false }, true), {
    action: 'install',
    packages: ['redis-server'],
    message: /redis-server.*SETUP=off/,
  })
})

t.test('without leave, root or Debian one line says what to install', async (t) => {
  const lacking = { ...complete, redis: false, postgres: false }
  const command = /as root: apt-get install -y --no-install-recommends redis-server postgresql$/
  t.match(plan('tests', lacking, false), { action: 'tell', message: command })
  t.match(plan('tests', { ...lacking, root: false }, true), { action: 'tell', message: command })
  const elsewhere = plan('tests', { ...lacking, debian: false }, true)
  t.match(elsewhere, { action: 'tell', message: /redis-server postgresql$/ })
  t.notMatch(elsewhere, { message: /apt-get|\n/ })
})
