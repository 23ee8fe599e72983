import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { CONTEXT_WORDS } from '../../services/passwords/policy.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const STATES = ['met', 'partly', 'not met', 'not applicable']
const MAX_HOW = 200

interface Row {
  file: string
  id: string
  level: number
  state: string
  how: string
  shownBy: string[]
  lacks: string
}

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const files = readdirSync(join(ROOT, 'docs/security')).map((name) => `docs/security/${name}`)
const levels: Record<string, number> = JSON.parse(read('test/fixtures/asvs-5.0.0-levels.json'))
const rows = files.flatMap(rowsOf).sort((a, b) => place(a) - place(b))
const summary = read('docs/security.md')

/** Where the rule stands in the standard. */
function place({ id }: Row): number {
  return id.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0)
}

/** The cells of each line of a table. */
function tableOf(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('| '))
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

function rowsOf(file: string): Row[] {
  return tableOf(read(file)).flatMap(([id = '', level, state = '', how = '', shown = '', lacks = '']) =>
    /^\d+\.\d+\.\d+$/.test(id)
      ? [
          {
            file,
            id,
            level: Number(level),
            state,
            how,
            shownBy: [...shown.matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? ''),
            lacks,
          },
        ]
      : [],
  )
}

t.test('every rule of levels 1 and 2 has one row, with its level', async (t) => {
  t.equal(Object.keys(levels).length, 253)
  t.same(
    rows.map(({ id, level }) => [id, level]),
    Object.entries(levels),
  )
})

t.test('each row has a state, says how in a few words, and what lacks where something does', async (t) => {
  for (const { id, state, how, shownBy, lacks } of rows) {
    t.ok(STATES.includes(state), `${id}: ${state}`)
    t.ok(how.length > 0 && how.length <= MAX_HOW, `${id}: ${how.length} characters`)
    const incomplete = state === 'partly' || state === 'not met'
    t.equal(lacks !== '', incomplete, `${id}: ${state}, and lacks “${lacks}”`)
    if (state === 'met' || state === 'partly') t.ok(shownBy.length > 0, `${id} is shown by something`)
  }
})

t.test('every file that is named is there', async (t) => {
  for (const { id, shownBy } of rows) for (const path of shownBy) t.ok(existsSync(join(ROOT, path)), `${id}: ${path}`)
  for (const file of ['docs/security.md', ...files])
    for (const [, link = ''] of read(file).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g))
      if (!link.startsWith('https://')) t.ok(existsSync(join(ROOT, dirname(file), link)), `${file}: ${link}`)
})

t.test('the sums are those of the rows', async (t) => {
  const [head = [], ...lines] = tableOf(summary.slice(summary.indexOf('| chapter |')))
  t.same(head, ['chapter', ...STATES, 'all'])
  const chapterOf = (id: string) => id.split('.')[0]
  for (const [name = '', ...counts] of lines.filter(([first]) => !first?.startsWith('---'))) {
    const chapter = /^\[V(\d+) /.exec(name)?.[1]
    const counted = rows.filter(({ id }) => chapter === undefined || chapterOf(id) === chapter)
    const expected = STATES.map((state) => counted.filter((row) => row.state === state).length)
    t.same(counts.map(Number), [...expected, counted.length], name)
  }
  t.equal(lines.filter(([name]) => name?.startsWith('[V')).length, 17)
})

t.test('each chapter of the sums leads to its heading', async (t) => {
  for (const [, file = '', anchor] of summary.matchAll(/\]\((security\/[^)#]+)#([^)]+)\)/g)) {
    const headings = read(`docs/${file}`).match(/^## .+$/gm) ?? []
    const anchors = headings.map((heading) =>
      heading
        .slice(3)
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    )
    t.ok(anchors.includes(anchor ?? ''), `${file}#${anchor}`)
  }
})

t.test('the words that are no passwords are those of the list', async (t) => {
  const [, listed = ''] = /in the same disguises: ([^.]+)\./.exec(summary.replaceAll('\n', ' ')) ?? []
  t.same(listed.split(', '), [...CONTEXT_WORDS])
})
