import { label, picture, short, stroke, WIDTH } from './picture.ts'
import { linear, logarithmic, type Scale, written } from './scale.ts'

export interface Line {
  readonly label: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface LinesOptions {
  readonly title: string
  readonly x: string
  readonly y: string
  /** At most three; the first is ours. */
  readonly lines: readonly Line[]
  /** Values of x stand by how many times more they are. */
  readonly logarithmic?: boolean
}

const [LEFT, RIGHT, TOP, HEIGHT] = [70, 40, 92, 240]

/** Lines over an axis, from nothing up. */
export function lines({
  title,
  x: about,
  y: unit,
  lines: all,
  logarithmic: isLogarithmic = false,
}: LinesOptions): string {
  const points = all.flatMap((line) => line.points)
  const across = points.map(([x]) => x)
  const wide: Scale = isLogarithmic ? logarithmic(across) : linear(Math.max(...across))
  const high = linear(Math.max(...points.map(([, y]) => y)))
  const x = (value: number) => LEFT + wide.at(value) * (WIDTH - LEFT - RIGHT)
  const y = (value: number) => TOP + (1 - high.at(value)) * HEIGHT
  const bottom = TOP + HEIGHT
  const parts = high.ticks.flatMap((tick) => [
    stroke([LEFT, y(tick)], [WIDTH - RIGHT, y(tick)], 'grid'),
    label(LEFT - 8, y(tick) + 4, written(tick), { kind: 'quiet', anchor: 'end' }),
  ])
  for (const tick of wide.ticks)
    parts.push(label(x(tick), bottom + 18, written(tick), { kind: 'quiet', anchor: 'middle' }))
  let legend = WIDTH - RIGHT
  for (const [i, { label: name, points }] of [...all.entries()].reverse()) {
    const path = points.map(([px, py]) => `${short(x(px))},${short(y(py))}`).join(' ')
    parts.push(`<polyline points="${path}" class="line l${i}"/>`)
    for (const [px, py] of points)
      parts.push(`<circle cx="${short(x(px))}" cy="${short(y(py))}" r="3.5" class="c${i}"/>`)
    // No measure of a text is to be had here; this is wide enough.
    legend -= name.length * 7 + 34
    parts.push(`<rect x="${short(legend)}" y="${TOP - 42}" width="11" height="11" rx="2" class="c${i}"/>`)
    parts.push(label(legend + 16, TOP - 32, name))
  }
  parts.push(label(LEFT - 50, TOP - 14, unit, { kind: 'quiet' }))
  parts.push(label((LEFT + WIDTH - RIGHT) / 2, bottom + 40, about, { kind: 'quiet', anchor: 'middle' }))
  return picture(title, bottom + 56, parts)
}
