import type { Static, TSchema } from '@sinclair/typebox'

/** The keywords of a schema that an example is made from. */
interface Shape {
  readonly examples?: readonly unknown[]
  readonly example?: unknown
  readonly const?: unknown
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Shape[]
  readonly type?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
  readonly minimum?: number
  readonly title?: string
}

/**
 * A value that the schema describes: its own first example, or one put together from those of its parts, so that an example is written
 * once, where the field is. Throws with the path of a string or number that has none.
 */
export function exampleOf(schema: unknown, path = ''): unknown {
  const shape = schema as Shape
  const at = path || (shape.title ?? 'schema')
  if (shape.examples && shape.examples.length > 0) return shape.examples[0]
  for (const keyword of ['example', 'const', 'default'] as const)
    if (shape[keyword] !== undefined) return shape[keyword]
  if (shape.enum) return shape.enum[0]
  if (shape.anyOf?.[0]) return exampleOf(shape.anyOf[0], at)
  switch (shape.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(shape.properties ?? {}).map(([name, part]) => [name, exampleOf(part, `${at}.${name}`)]),
      )
    case 'array':
      return shape.items ? [exampleOf(shape.items, `${at}[]`)] : []
    case 'boolean':
      return false
    case 'null':
      return null
    default:
      if (shape.minimum !== undefined) return shape.minimum
      throw new Error(`${at} has no example`)
  }
}

/** The same schema where another example tells more. */
export const withExample = <T extends TSchema>(schema: T, example: Static<T>): T => ({ ...schema, examples: [example] })

/** The same, where the example differs in some fields. */
export const withChangedExample = <T extends TSchema>(schema: T, changes: Partial<Static<T>>): T =>
  withExample(schema, { ...(exampleOf(schema) as object), ...(changes as object) })
