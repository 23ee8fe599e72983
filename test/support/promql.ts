const WORDS: ReadonlySet<string> = new Set([
  'by',
  'without',
  'on',
  'ignoring',
  'and',
  'or',
  'unless',
  'bool',
  'offset',
  'group_left',
])

/** The metrics that an expression of Prometheus asks for, each with the labels that it selects or groups by. */
export function metricsOf(expression: string): { name: string; labels: string[] }[] {
  const selectors: { name: string; labels: string[] }[] = []
  const bare = expression
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}/g, (_, name: string, matchers: string) => {
      selectors.push({ name, labels: [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label) })
      return ' '
    })
    .replaceAll(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, ' ')
  for (const [, name = '', call] of bare.matchAll(/([a-zA-Z_:][\w:]*)\s*(\()?/g))
    if (call === undefined && !WORDS.has(name)) selectors.push({ name, labels: [] })
  const grouped = [...expression.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/[\s,]+/))
  return selectors.map(({ name, labels }) => ({
    name,
    labels: [...labels, ...grouped.filter((label) => label !== '')],
  }))
}
