import { AppError, type ErrorCode, errorBody } from '../../errors.ts'
import { codesIn, ErrorAnswer } from '../errors.ts'
import { exampleOf } from '../examples.ts'
import { type NamedSchemas, sortedByName, takeOutNamed } from './components.ts'

type Json = Record<string, unknown>

export interface Media {
  schema?: Json
  example?: unknown
  examples?: Record<string, unknown>
}
export interface Answer {
  description: string
  headers?: Json
  content?: Record<string, Media>
}
export interface Operation {
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, Answer>
}
export interface OpenapiDocument {
  paths?: Record<string, Record<string, Operation>>
  components?: Record<string, Json>
}

/** What an answer of a status is called where its schema says nothing. */
const PLAIN: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Made',
  202: 'Accepted: it will be done',
  204: 'Done; there is no body',
}
const SAMPLE_REQUEST_ID = '5e0a7c1d-93b2-4f68-8d14-c6e2a90b7f35'
const DETAILS: Partial<Record<ErrorCode, { field: string; message: string }[]>> = {
  VALIDATION_ERROR: [{ field: 'body.email', message: 'must match format "email"' }],
}

/**
 * The description as it is served: with an example of each body and of each error by its code, and with the schemas that have a title as
 * components.
 */
export function finishOpenapi(document: OpenapiDocument): object {
  const codes = new Set<ErrorCode>()
  for (const methods of Object.values(document.paths ?? {}))
    for (const { requestBody, responses } of Object.values(methods)) {
      for (const media of Object.values(requestBody?.content ?? {})) showExample(media)
      for (const [status, answer] of Object.entries(responses)) {
        if (Number(status) >= 400) for (const code of showErrors(status, answer)) codes.add(code)
        else showAnswer(status, answer)
      }
    }

  // The whole list of codes stands for the shorter ones of the answers.
  const schemas: NamedSchemas = {}
  takeOutNamed(JSON.parse(JSON.stringify(ErrorAnswer)), schemas)
  const paths = takeOutNamed(document.paths, schemas)
  const examples = Object.fromEntries([...codes].sort().map((code) => [code, errorExample(code)]))
  const components = { ...document.components, headers: HEADERS, examples, schemas: sortedByName(schemas) }
  return { ...document, paths, components }
}

/** What has no example is named by a test, and keeps no server from starting. */
function showExample(media: Media): void {
  try {
    media.example ??= exampleOf(media.schema)
  } catch {}
}

function showAnswer(status: string, answer: Answer): void {
  for (const media of Object.values(answer.content ?? {})) showExample(media)
  if (answer.description === 'Default Response') answer.description = PLAIN[status] ?? 'Done'
}

/** One example a code, each written once for the whole document. Returns the codes. */
function showErrors(status: string, answer: Answer): ErrorCode[] {
  const media = answer.content?.['application/json']
  const codes = codesIn(media?.schema)
  answer.description = codes.map((code) => `\`${code}\``).join(', ')
  if (status === '429')
    answer.headers = Object.fromEntries(
      Object.keys(HEADERS).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
    )
  const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]))
  answer.content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' }, examples } }
  return codes
}

function errorExample(code: ErrorCode): object {
  const error = new AppError(code, undefined, { details: DETAILS[code] ?? [] })
  return { summary: error.message, value: errorBody(error, SAMPLE_REQUEST_ID) }
}

const HEADERS = {
  'Retry-After': {
    description: 'In how many seconds to come back',
    schema: { type: 'integer', minimum: 1 },
    example: 12,
  },
  RateLimit: {
    description: 'What is left of the limit, and when it is whole again',
    schema: { type: 'string' },
    example: '"default";r=0;t=12',
  },
  'RateLimit-Policy': {
    description: 'The limit',
    schema: { type: 'string' },
    example: '"default";q=300;w=60',
  },
}
