import { comment, type JsonSchema, typeOf } from './schema-types.ts'

interface Message {
  readonly name: string
  readonly summary?: string
  readonly contentType: string
  readonly payload: JsonSchema
}

type Ref = { readonly $ref: string }

/** As much of an AsyncAPI document as types need. */
export interface AsyncApi {
  readonly channels: Readonly<Record<string, { readonly messages: Readonly<Record<string, Ref>> }>>
  readonly operations: Readonly<Record<string, { readonly action: string; readonly messages: readonly Ref[] }>>
  readonly components: { readonly messages: Readonly<Record<string, Message>> }
}

/** TypeScript for every text frame of an AsyncAPI document, by who sends it and by its `type`. */
export function messageTypes(document: AsyncApi): string {
  return `/** What a client may send, by its \`type\`. */
export interface ClientMessages {
${members(document, 'receive')}}

/** What the server sends, by its \`type\`. */
export interface ServerMessages {
${members(document, 'send')}}
`
}

/** `action` is the server's. Sound has no \`type\`. */
function members(document: AsyncApi, action: 'send' | 'receive'): string {
  return Object.values(document.operations)
    .filter((operation) => operation.action === action)
    .flatMap(({ messages }) => messages.map((message) => resolve(document, message)))
    .filter(({ contentType }) => contentType === 'application/json')
    .map(({ name, summary, payload }) => `${comment(summary, '  ')}  '${name}': ${typeOf(payload, '  ')}\n`)
    .join('')
}

/** An operation names a message of its channel, and that one of the components. */
function resolve({ channels, components }: AsyncApi, { $ref }: Ref): Message {
  const [, , channel = '', , inChannel = ''] = $ref.split('/')
  const name = channels[channel]?.messages[inChannel]?.$ref.split('/').at(-1) ?? ''
  const message = components.messages[name]
  if (!message) throw new Error(`${$ref} leads to no message`)
  return message
}
