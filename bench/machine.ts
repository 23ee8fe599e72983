import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** What a reader must know to compare figures. */
export function machine() {
  return {
    processors: availableParallelism(),
    model: cpus()[0]?.model ?? 'unknown',
    memory_gb: Math.round(totalmem() / 2 ** 30),
    load_before: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    node: process.version,
    date: new Date().toISOString(),
  }
}

/** The value that the share of the others is below: `quantile(times, 0.5)` is the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
