import { comment, type JsonSchema, typeOf } from './schema-types.ts'

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema?: JsonSchema
}

type Content = Readonly<Record<string, { readonly schema?: JsonSchema }>>

interface Operation {
  readonly summary?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

/** As much of an OpenAPI document as types need. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** Calls of the API are named as they are behind this. */
const PREFIX = '/api/v1'

/** TypeScript for every call of an OpenAPI document: what it takes and what it answers, by `METHOD /path`. */
export function operationTypes({ paths }: OpenApi): string {
  const calls = Object.entries(paths).flatMap(([path, methods]) => {
    if (!path.startsWith(`${PREFIX}/`)) return []
    return Object.entries(methods)
      .filter(([, { responses }]) => responses['101'] === undefined)
      .map(([method, operation]) => operationType(`${method.toUpperCase()} ${path.slice(PREFIX.length)}`, operation))
  })
  return `/** Every call: what it takes, and what it answers when it goes well. */
export interface Operations {
${calls.join('')}}
`
}

function operationType(name: string, { summary, parameters = [], requestBody, responses }: Operation): string {
  const body = requestBody && `    body${requestBody.required ? '' : '?'}: ${bodyType(requestBody.content)}\n`
  return `${comment(summary, '  ')}  '${name}': {
${parametersType(parameters, 'path', 'params')}${parametersType(parameters, 'query', 'query')}${body ?? ''}    answer: ${answerType(responses)}
  }
`
}

function parametersType(all: readonly Parameter[], place: string, name: string): string {
  const some = all.filter((parameter) => parameter.in === place)
  if (some.length === 0) return ''
  const required = some.filter((parameter) => parameter.required).map((parameter) => parameter.name)
  const properties = Object.fromEntries(some.map((parameter) => [parameter.name, parameter.schema ?? {}]))
  const type = typeOf({ type: 'object', properties, required }, '    ')
  return `    ${name}${required.length > 0 ? '' : '?'}: ${type}\n`
}

function bodyType(content: Content): string {
  const json = content['application/json']
  return json ? typeOf(json.schema ?? {}, '    ') : 'FormData'
}

/** JSON where the call can answer it; `request` gives what else there is. */
function answerType(responses: Operation['responses']): string {
  const good = Object.entries(responses).filter(([status]) => status.startsWith('2'))
  const types = good.map(([, { content = {} }]) => {
    const json = content['application/json']
    if (json) return typeOf(json.schema ?? {}, '    ')
    const [other] = Object.keys(content)
    if (other === undefined) return 'undefined'
    return other.startsWith('text/') ? 'string' : 'Blob'
  })
  return [...new Set(types)].join(' | ')
}
