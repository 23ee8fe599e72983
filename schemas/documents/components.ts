type Json = Record<string, unknown>

/** Schemas by name, as `components.schemas` holds them. */
export type NamedSchemas = Record<string, Json>

/**
 * Takes the schemas with a `title` out of a document: in their place stands a `$ref`, and each is kept once under its name. Examples of a
 * whole component are left out, since those of its fields and of the messages say it. Throws when two schemas claim one name.
 */
export function takeOutNamed(document: unknown, named: NamedSchemas): unknown {
  if (Array.isArray(document)) return document.map((part) => takeOutNamed(part, named))
  if (typeof document !== 'object' || document === null) return document
  const parts = Object.entries(document).map(([key, part]) =>
    // What is shown is a value, and no schema, whatever fields it has.
    key === 'example' || key === 'examples' ? [key, part] : [key, takeOutNamed(part, named)],
  )
  const schema: Json = Object.fromEntries(parts)
  const { title, type, anyOf } = schema
  if (typeof title !== 'string' || (type === undefined && anyOf === undefined)) return schema
  const { examples: _many, example: _one, ...content } = schema
  const known = named[title]
  if (known && JSON.stringify(known) !== JSON.stringify(content)) throw new Error(`two schemas are named ${title}`)
  named[title] = content
  return { $ref: `#/components/schemas/${title}` }
}

/** The schemas by name, sorted. */
export const sortedByName = (named: NamedSchemas): NamedSchemas =>
  Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1)))
