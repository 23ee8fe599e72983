import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Result, Section } from './page/section.ts'
import { attackSection } from './page/sections/attack.ts'
import { idleSection, leakSection } from './page/sections/memory.ts'
import { pathSection } from './page/sections/path.ts'
import { roomsSection } from './page/sections/rooms.ts'
import { latencySection, pipelineSection } from './page/sections/speech.ts'
import { startSection } from './page/sections/start.ts'
import { votesSection } from './page/sections/votes.ts'

const RESULTS = join(import.meta.dirname, 'results')
const DOCS = join(import.meta.dirname, '..', 'docs')

/** What is told, in this order; the names are those of the result files and of the scripts (`npm run bench:NAME`). */
const SECTIONS: Readonly<Record<string, (result: never) => Section>> = {
  path: pathSection,
  rooms: roomsSection,
  idle: idleSection,
  leak: leakSection,
  start: startSection,
  attack: attackSection,
  votes: votesSection,
  latency: latencySection,
  pipeline: pipelineSection,
}

const INTRODUCTION = [
  '# Benchmarks',
  '',
  'Made by `npm run bench:page` from `bench/results/*.json`, which `npm run bench` measures. Sides are measured in turn, round after round, and compared within each',
  'round: the ratios hold from machine to machine, the figures themselves are of the one named. A bar ends at the median; the thin line on it goes from the lowest round to',
  'the highest.',
]

/** Writes `docs/benchmarks.md` and its plots from the results that are there. */
export function writePage(): void {
  const folder = join(DOCS, 'benchmarks')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const lines = [...INTRODUCTION]
  for (const [name, sectionOf] of Object.entries(SECTIONS)) {
    const file = join(RESULTS, `${name}.json`)
    if (!existsSync(file)) continue
    const result = JSON.parse(readFileSync(file, 'utf8')) as Result
    const { title, text, plots } = sectionOf(result as never)
    lines.push('', `## ${title}`, '', ...text, '')
    for (const plot of plots) {
      writeFileSync(join(folder, `${plot.name}.svg`), plot.svg)
      lines.push(`![${plot.alt}](benchmarks/${plot.name}.svg)`, '')
    }
    lines.push(aboutRun(result))
  }
  writeFileSync(join(DOCS, 'benchmarks.md'), `${lines.join('\n')}\n`)
}

function aboutRun({ machine, measured }: Result): string {
  const { processors, model, memory_gb, node, date, load_before } = machine
  const where = `${date.slice(0, 10)}, ${processors} processors (${model}), ${memory_gb} GB, Node ${node}, load before ${load_before}`
  return `<sub>${measured ? `${measured}. ` : ''}${where}.</sub>`
}

if (import.meta.main) writePage()
