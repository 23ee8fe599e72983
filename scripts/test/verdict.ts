/** What a run of the tests came to, from the TAP it wrote. */
export interface Counts {
  passed: number
  failed: number
  skipped: number
  todo: number
}

/** Reads tap's closing line, `# { total: 3, pass: 2, fail: 1 }`; null when the run never came to it. */
export function countsOf(tapOutput: string): Counts | null {
  const summary = [...tapOutput.matchAll(/^# \{ (total: .*) \}$/gm)].at(-1)?.[1]
  if (summary === undefined) return null
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(summary)?.[1] ?? 0)
  return { passed: count('pass'), failed: count('fail'), skipped: count('skip'), todo: count('todo') }
}

export interface Run {
  counts: Counts | null
  /** tap's exit code; null when a signal ended it. */
  exitCode: number | null
  /** Lines covered in percent, and how many must be; null when coverage was not asked for. */
  coverage: { lines: number; required: number } | null
}

/** Every reason why a run is no success, and the line to close with. */
export function verdict({ counts, exitCode, coverage }: Run): { reasons: string[]; line: string } {
  const { passed, failed, skipped, todo } = counts ?? { passed: 0, failed: 0, skipped: 0, todo: 0 }
  const reasons: string[] = []
  if (counts === null) reasons.push('The run ended before its end')
  else if (passed + failed === 0) reasons.push('No test ran')
  if (skipped + todo > 0) reasons.push('A skipped or unfinished test counts as a failure')
  if (exitCode !== 0 && failed === 0) reasons.push(`tap ended with ${exitCode ?? 'a signal'}`)
  if (coverage && !(coverage.lines >= coverage.required))
    reasons.push(`Lines covered: ${coverage.lines} %, at least ${coverage.required} % must be`)
  const rest = skipped + todo > 0 ? `, ${skipped + todo} skipped` : ''
  return {
    reasons: failed > 0 ? ['Tests failed', ...reasons] : reasons,
    line: `${passed} passed, ${failed} failed${rest}`,
  }
}
