export interface Scale {
  /** Where a value stands, from 0 to 1. */
  at(value: number): number
  readonly ticks: readonly number[]
}

const STEPS = [1, 2, 2.5, 5, 10]

/** From nothing to a round number that is not below the most, with ticks at round numbers. */
export function linear(most: number, ticks = 5): Scale {
  const rough = (most > 0 ? most : 1) / ticks
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * (STEPS.find((each) => each * power >= rough * (1 - 1e-9)) ?? 10)
  const count = Math.ceil(most / step - 1e-9) || 1
  const marks = Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)))
  return { at: (value) => value / (marks.at(-1) ?? 1), ticks: marks }
}

/** Each tenfold as wide as the next, from the least value to the most; ticks at the values themselves. */
export function logarithmic(values: readonly number[]): Scale {
  const ticks = [...new Set(values)].toSorted((a, b) => a - b)
  const [from, to] = [Math.log(ticks[0] ?? 1), Math.log(ticks.at(-1) ?? 1)]
  return { at: (value) => (to === from ? 0.5 : (Math.log(value) - from) / (to - from)), ticks }
}

/** As people write it: 12,714 and 0.58, no more digits than say something. */
export function written(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}
