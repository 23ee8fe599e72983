/** A JSON Schema as far as the documents use it. */
export interface JsonSchema {
  $ref?: string
  type?: string | readonly string[]
  description?: string
  const?: unknown
  enum?: readonly unknown[]
  anyOf?: readonly JsonSchema[]
  oneOf?: readonly JsonSchema[]
  allOf?: readonly JsonSchema[]
  properties?: Readonly<Record<string, JsonSchema>>
  required?: readonly string[]
  additionalProperties?: boolean | JsonSchema
  patternProperties?: Readonly<Record<string, JsonSchema>>
  items?: JsonSchema
}

const PLAIN: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
}

/** The TypeScript type of what a schema lets through; `indent` is that of the line it stands on. */
export function typeOf(schema: JsonSchema, indent = ''): string {
  const { $ref, anyOf, oneOf, allOf, type } = schema
  if ($ref !== undefined) return nameOf($ref)
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum) return union(schema.enum.map(literal))
  const alternatives = anyOf ?? oneOf
  if (alternatives) return union(alternatives.map((each) => typeOf(each, indent)))
  if (allOf) return allOf.map((each) => grouped(typeOf(each, indent))).join(' & ')
  if (Array.isArray(type)) return union(type.map((each: string) => typeOf({ ...schema, type: each }, indent)))
  if (type === 'array') return `${grouped(typeOf(schema.items ?? {}, indent))}[]`
  if (type === 'object' || schema.properties) return objectType(schema, indent)
  return PLAIN[String(type)] ?? 'unknown'
}

/** Names that mean something else in JavaScript or in the client. */
const TAKEN: Readonly<Record<string, string>> = { Error: 'ErrorBody', Session: 'SessionInfo' }

/** What a reference is called in TypeScript: its last part, `poll.opened` as `PollOpened`. */
export function nameOf(ref: string): string {
  const last = ref.split('/').at(-1) ?? ref
  const name = last.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, first: string) => first.toUpperCase())
  return TAKEN[name] ?? name
}

/** A comment in front of what is described; nothing for what is not. */
export function comment(text: string | undefined, indent: string): string {
  return text ? `${indent}/** ${text.replaceAll('*/', '*\u200b/').replace(/\s+/g, ' ')} */\n` : ''
}

/** A member of a type or an interface: quoted where it must be. */
export function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`
}

function objectType({ properties = {}, required = [], ...rest }: JsonSchema, indent: string): string {
  const inner = `${indent}  `
  const members = Object.entries(properties).map(
    ([name, schema]) =>
      `${comment(schema.description, inner)}${inner}${keyOf(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema, inner)}\n`,
  )
  if (members.length > 0) return `{\n${members.join('')}${indent}}`
  const { additionalProperties, patternProperties } = rest
  const values = Object.values(patternProperties ?? {})
  if (additionalProperties && additionalProperties !== true) values.push(additionalProperties)
  if (values.length > 0) return `Record<string, ${union(values.map((each) => typeOf(each, indent)))}>`
  return additionalProperties === false ? 'Record<string, never>' : 'Record<string, unknown>'
}

/** Texts stand in the quotes of the rest of the code. */
function literal(value: unknown): string {
  return JSON.stringify(value).replace(/^"([^"'\\]*)"$/, "'$1'")
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ')
}

function grouped(type: string): string {
  return / [|&] /.test(type) && !type.startsWith('{') ? `(${type})` : type
}
