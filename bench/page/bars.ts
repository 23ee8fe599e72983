import type { Spread } from '../stand.ts'
import { label, picture, short, stroke, WIDTH } from './picture.ts'
import { linear, written } from './scale.ts'

export interface Bar {
  readonly label: string
  /** With a spread, a line goes from the lowest to the highest. */
  readonly value: Spread | number
  readonly ours?: boolean
}

export interface BarsOptions {
  readonly title: string
  /** What the axis counts, and in what. */
  readonly axis: string
  readonly bars: readonly Bar[]
  readonly target?: { readonly value: number; readonly label: string }
}

const [LEFT, RIGHT, TOP, ROW, THICK] = [190, 70, 62, 34, 18]

/** Bars that lie, one a row, from nothing on. */
export function bars({ title, axis, bars: rows, target }: BarsOptions): string {
  const spreads = rows.map(({ value }) =>
    typeof value === 'number' ? { median: value, lowest: value, highest: value } : value,
  )
  const scale = linear(Math.max(...spreads.map(({ highest }) => highest), target?.value ?? 0))
  const x = (value: number) => LEFT + scale.at(value) * (WIDTH - LEFT - RIGHT)
  const bottom = TOP + rows.length * ROW
  const parts = scale.ticks.flatMap((tick) => [
    stroke([x(tick), TOP - 4], [x(tick), bottom], 'grid'),
    label(x(tick), bottom + 18, written(tick), { kind: 'quiet', anchor: 'middle' }),
  ])
  for (const [i, { median, lowest, highest }] of spreads.entries()) {
    const row = rows[i]
    const y = TOP + i * ROW + (ROW - THICK) / 2
    const middle = y + THICK / 2
    const at = `x="${LEFT}" y="${short(y)}" width="${short(x(median) - LEFT)}" height="${THICK}"`
    parts.push(label(LEFT - 10, middle + 4, row?.label ?? '', { anchor: 'end' }))
    parts.push(`<rect ${at} rx="2" class="${row?.ours ? 'c0' : 'c1'}"/>`)
    if (highest > lowest) parts.push(stroke([x(lowest), middle], [x(highest), middle], 'spread'))
    parts.push(label(x(highest) + 8, middle + 4, written(median)))
  }
  if (target) {
    parts.push(stroke([x(target.value), TOP - 4], [x(target.value), bottom], 'target'))
    parts.push(label(x(target.value), TOP - 9, target.label, { kind: 'goal', anchor: 'middle' }))
  }
  parts.push(label((LEFT + WIDTH - RIGHT) / 2, bottom + 40, axis, { kind: 'quiet', anchor: 'middle' }))
  return picture(title, bottom + 56, parts)
}
