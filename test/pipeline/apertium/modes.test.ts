import { join } from 'node:path'
import t from 'tap'
import { installedModes } from '../../../pipeline/apertium/modes.ts'

t.test('mode names of two and three letters become ISO 639-1 pairs', async (t) => {
  const dir = t.testdir({ 'eng-spa.mode': '', 'fr-es.mode': '', 'spa-cat.mode': '', 'en-gl.mode': '', README: '' })
  t.strictSame(installedModes(dir), [
    { source: 'en', target: 'gl', path: join(dir, 'en-gl.mode') },
    { source: 'en', target: 'es', path: join(dir, 'eng-spa.mode') },
    { source: 'fr', target: 'es', path: join(dir, 'fr-es.mode') },
    { source: 'es', target: 'ca', path: join(dir, 'spa-cat.mode') },
  ])
})

t.test('variants, other files and hostile names are ignored', async (t) => {
  const dir = t.testdir({
    'spa-eng_US.mode': '',
    'eng-cat_valencia.mode': '',
    'eco-es-fr.mode': '',
    'eng-spa.mode.bak': '',
    'en-es;id.mode': '',
    'eng-en.mode': '',
  })
  t.strictSame(installedModes(dir), [])
})

t.test('one direction under two names is listed once', async (t) => {
  const dir = t.testdir({ 'es-gl.mode': '', 'spa-glg.mode': '' })
  t.strictSame(installedModes(dir), [{ source: 'es', target: 'gl', path: join(dir, 'es-gl.mode') }])
})

t.test('no folder means no modes', async (t) => {
  t.strictSame(installedModes(join(t.testdir(), 'absent')), [])
})
