import type { TSchema } from '@sinclair/typebox'
import { BINARY_BYTES } from '../../realtime/limits.ts'
import { exampleOf } from '../examples.ts'

/** A message of an AsyncAPI document. */
export interface Message {
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly contentType: string
  readonly payload: object
  readonly examples: readonly { name: string; summary?: string; payload: unknown }[]
}

/** Text frames as messages, named `<sender>.<type>`: both sides have a `signal`. */
export function messagesOf(sender: string, schemas: Readonly<Record<string, TSchema>>): Record<string, Message> {
  const entries = Object.entries(schemas).map(([type, schema]) => {
    const { title = type, description = '' } = schema
    const payload = JSON.parse(JSON.stringify(schema)) as object
    const examples = [{ name: type, payload: exampleOf(schema) }]
    const message = { name: type, title, summary: description, contentType: 'application/json', payload, examples }
    return [`${sender}.${type}`, message] as const
  })
  return Object.fromEntries(entries)
}

/** Binary frames: they have no `type`. */
export function audioMessage({ summary }: { summary: string }): Message {
  return {
    name: 'audio',
    title: 'Audio',
    summary,
    contentType: 'application/octet-stream',
    payload: { type: 'string', format: 'binary', minLength: 2, maxLength: BINARY_BYTES },
    examples: [
      { name: 'silence', summary: 'Two samples of silence; real frames are longer.', payload: '\u0000'.repeat(4) },
    ],
  }
}
