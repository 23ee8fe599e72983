import { type NamedSchemas, takeOutNamed } from '../../schemas/documents/components.ts'
import { type AsyncApi, messageTypes } from './messages.ts'
import { type OpenApi, operationTypes } from './operations.ts'
import { comment, type JsonSchema, nameOf, typeOf } from './schema-types.ts'

/** The two documents as a server gives them. */
export interface Documents {
  readonly openapi: object
  readonly asyncapi: object
}

const HEAD =
  '// Written by `npm run clients:generate` from /openapi.json and /asyncapi.json: change the schemas, not this.\n'

/** The types of the TypeScript client: what both documents name, every call, every frame. Throws when they do not agree on a name. */
export function clientTypes({ openapi, asyncapi }: Documents): string {
  const [calls, frames] = [read(openapi), read(asyncapi)]
  return [
    HEAD,
    ...namedTypes([calls.named, frames.named]),
    operationTypes(calls.document as OpenApi),
    messageTypes(frames.document as AsyncApi),
  ].join('\n')
}

/** A document with references where it has named schemas, whether it held them apart already or not. */
function read(document: object): { document: unknown; named: NamedSchemas } {
  const { components = {}, ...rest } = document as { components?: { schemas?: NamedSchemas } }
  const { schemas = {}, ...others } = components
  const named: NamedSchemas = { ...schemas }
  return { document: takeOutNamed({ ...rest, components: others }, named), named }
}

function namedTypes(all: readonly NamedSchemas[]): string[] {
  const types = new Map<string, string>()
  for (const [title, schema] of all.flatMap((named) => Object.entries(named) as [string, JsonSchema][])) {
    const name = nameOf(title)
    const type = `${comment(schema.description, '')}export type ${name} = ${typeOf(schema)}\n`
    if ((types.get(name) ?? type) !== type) throw new Error(`the documents do not agree on what ${name} is`)
    types.set(name, type)
  }
  return [...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, type]) => type)
}
