import type { machine } from '../machine.ts'
import type { Spread } from '../stand.ts'
import { written } from './scale.ts'

/** What every result file says of itself. */
export interface Result {
  readonly machine: ReturnType<typeof machine>
  readonly measured?: string
}

export interface Section {
  readonly title: string
  /** Markdown: what the figures are. */
  readonly text: readonly string[]
  readonly plots: readonly Plot[]
}

export interface Plot {
  /** The name of its file, without the ending. */
  readonly name: string
  /** For those who do not see it. */
  readonly alt: string
  readonly svg: string
}

/** What was aimed at: the most, or the least, that the ratio may be. */
export interface Goal {
  readonly what: string
  readonly ratio: Spread | undefined
  readonly most?: number
  readonly least?: number
}

export function ratios(goals: readonly Goal[]): string[] {
  const rows = goals.flatMap(({ what, ratio, most, least }) => {
    if (!ratio) return []
    const target = most !== undefined ? `≤ ${most}` : least !== undefined ? `≥ ${least}` : ''
    const isMet = ratio.median <= (most ?? Number.POSITIVE_INFINITY) && ratio.median >= (least ?? 0)
    const [median, lowest, highest] = [ratio.median, ratio.lowest, ratio.highest].map(written)
    return [
      `| ${what} | **${median}** | ${lowest} – ${highest} | ${target} | ${target ? (isMet ? 'met' : 'not met') : ''} |`,
    ]
  })
  return ['| ratio | median | spread | target | |', '| --- | --- | --- | --- | --- |', ...rows]
}

/** The spread of figures that come in bytes, for people. */
export function scaled({ median, lowest, highest }: Spread, by: number): Spread {
  return { median: median / by, lowest: lowest / by, highest: highest / by }
}
