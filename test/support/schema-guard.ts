interface Schema {
  type?: string | string[]
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  [keyword: string]: unknown
}

/** A pattern that bounds the length by itself: anchored at both ends, without an open repetition. */
function isBoundPattern(pattern: unknown): boolean {
  return typeof pattern === 'string' && /^\^.*\$$/s.test(pattern) && !/[*+]|\{\d+,\}/.test(pattern)
}

/** What makes a schema of a request loose or unbounded, as `path: problem`; nothing when it is neither. */
export function problemsOf(given: unknown, path: string): string[] {
  const schema = given as Schema
  if ('const' in schema || 'enum' in schema) return []
  const unions = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
  const nested = unions.flatMap((part, index) => problemsOf(part, `${path}|${index}`))
  if (schema.type === undefined) return unions.length > 0 ? nested : [`${path}: takes anything`]
  return [...nested, ...[schema.type].flat().flatMap((type) => problemsOfType(type, schema, path))]
}

function problemsOfType(type: string, schema: Schema, path: string): string[] {
  switch (type) {
    case 'object':
      return [
        ...(schema.additionalProperties === false ? [] : [`${path}: takes unknown fields`]),
        ...Object.entries({ ...schema.properties, ...schema.patternProperties }).flatMap(([name, property]) =>
          problemsOf(property, `${path}.${name}`),
        ),
      ]
    case 'array':
      return [
        ...(typeof schema.maxItems === 'number' ? [] : [`${path}: has no maxItems`]),
        ...(schema.items ? problemsOf(schema.items, `${path}[]`) : [`${path}: takes any item`]),
      ]
    case 'string':
      return typeof schema.maxLength === 'number' || isBoundPattern(schema.pattern) ? [] : [`${path}: has no maxLength`]
    case 'integer':
    case 'number':
      return typeof schema.maximum === 'number' ? [] : [`${path}: has no maximum`]
    default:
      return []
  }
}
