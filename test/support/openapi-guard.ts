export interface Media {
  schema: object
  example?: unknown
  examples?: Record<string, unknown>
}
export interface Operation {
  operationId?: string
  summary?: string
  tags?: string[]
  security?: Record<string, string[]>[]
  parameters?: { name: string; example?: unknown }[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { description: string; content?: Record<string, Media> }>
}
export interface Described {
  openapi: string
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: {
    schemas: Record<string, object>
    securitySchemes: Record<string, object>
    examples: Record<string, { value: { code: string } }>
  }
}

/** What a reader of the description would miss of an operation. */
export function problemsOfOperation(operation: Operation, { tags, components }: Described): string[] {
  const { operationId, summary, security, requestBody, responses } = operation
  const problems: string[] = []
  if (!/^[a-z][A-Za-z]+$/.test(operationId ?? '')) problems.push('no operationId in camelCase')
  if (!summary) problems.push('no summary')
  const described = tags.filter(({ description }) => description).map(({ name }) => name)
  if (operation.tags?.length !== 1 || !operation.tags.every((tag) => described.includes(tag)))
    problems.push('not one tag that is described')
  if (!security) problems.push('says nothing of security')
  for (const scheme of (security ?? []).flatMap(Object.keys))
    if (!(scheme in components.securitySchemes)) problems.push(`security by ${scheme}, which is not described`)

  for (const [type, { example }] of Object.entries(requestBody?.content ?? {}))
    if (example === undefined) problems.push(`the body ${type} has no example`)
  const answers = Object.entries(responses)
  if (!answers.some(([status]) => Number(status) < 400)) problems.push('no good answer')
  if (!answers.some(([status]) => Number(status) >= 400)) problems.push('no errors')
  for (const [status, { description, content = {} }] of answers) {
    if (!description || description === 'Default Response') problems.push(`${status} is not described`)
    if (Number(status) >= 400 && !content['application/json']) problems.push(`${status} has no error body`)
    for (const [type, { example, examples = {} }] of Object.entries(content)) {
      const shown = Number(status) < 400 ? example !== undefined : Object.keys(examples).length > 0
      if (!shown) problems.push(`${status} ${type} has no example`)
    }
  }
  return problems
}
