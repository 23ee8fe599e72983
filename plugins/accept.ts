/** Whether an Accept header names HTML and no JSON that is as welcome: wildcards, as programs send them, say nothing. */
export function prefersHtml(accept: string | undefined): boolean {
  const html = weightOf('text/html', accept)
  return html > 0 && html > weightOf('application/json', accept)
}

/** From 0, for what is refused or not named, to 1. */
function weightOf(type: string, accept = ''): number {
  for (const range of accept.toLowerCase().split(',')) {
    const [name, ...parameters] = range.split(';').map((part) => part.trim())
    if (name !== type) continue
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    return weight === undefined ? 1 : Number(weight.slice(2)) || 0
  }
  return 0
}
