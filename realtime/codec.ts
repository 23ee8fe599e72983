import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { ErrorCode } from '../errors.ts'
import { registerFormats } from '../schemas/common.ts'
import { CLIENT_MESSAGES, type ClientMessage, type ErrorFrame, SERVER_MESSAGES } from '../schemas/meeting-socket.ts'
import { isHarmless } from './json.ts'

/** A frame as read: a valid message, or why not. `bad` frames count against the connection. */
export type Decoded =
  | { readonly message: ClientMessage }
  | { readonly error: { code: ErrorCode; message: string; ref?: string }; readonly bad: boolean }

export interface Codec {
  /** Reads one text frame. Never throws, and builds no object that a client named. */
  decode(text: string): Decoded
}

/** The reader of client frames: compiled schemas, one a type. */
export function createCodec(): Codec {
  registerFormats()
  const checks = new Map(
    Object.entries(CLIENT_MESSAGES).map(([type, schema]) => [type, TypeCompiler.Compile(schema)] as const),
  )

  function decode(text: string): Decoded {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return refuse('MALFORMED_REQUEST', 'The frame is not JSON.')
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refuse('VALIDATION_ERROR', 'A frame is a JSON object with a type.')
    }
    const type = Object.hasOwn(value, 'type') ? (value as { type: unknown }).type : undefined
    if (typeof type !== 'string') return refuse('VALIDATION_ERROR', 'A frame needs a type.')
    const ref = refOf(value, type)
    if (!isHarmless(value))
      return refuse('VALIDATION_ERROR', 'The frame is nested too deeply or has a forbidden key.', ref)
    const check = checks.get(type)
    if (!check) return unknownType(type, ref)
    if (check.Check(value)) return { message: value as ClientMessage }
    const first = check.Errors(value).First()
    // The path of a missing or wrong field is ours; that of an unexpected one is the client's, and is not repeated.
    const unexpected = first?.message === 'Unexpected property'
    const message = unexpected
      ? 'The frame has a field that its type does not know.'
      : `${fieldOf(first?.path)}: ${first?.message ?? 'not valid'}`
    return refuse('VALIDATION_ERROR', message.slice(0, 300), ref)
  }

  return { decode }
}

function fieldOf(path: string | undefined): string {
  return path ? path.slice(1).replaceAll('/', '.') : 'frame'
}

function unknownType(type: string, ref: string | undefined): Decoded {
  if (Object.hasOwn(SERVER_MESSAGES, type)) {
    return refuse('VALIDATION_ERROR', 'Only the server sends this type.', ref)
  }
  return refuse('VALIDATION_ERROR', 'This type is not known.')
}

/** What an error frame refers to: the client's id of the frame where it gave a usable one, otherwise the type. */
function refOf(value: object, type: string): string | undefined {
  const id = Object.hasOwn(value, 'id') ? (value as { id: unknown }).id : undefined
  if (typeof id === 'string' && id.length <= 64) return id
  return Object.hasOwn(CLIENT_MESSAGES, type) ? type : undefined
}

/** The ref of a valid message. */
export function refOfMessage(message: ClientMessage): string {
  return 'id' in message && message.id !== undefined ? message.id : message.type
}

function refuse(code: ErrorCode, message: string, ref?: string): Decoded {
  return { error: { code, message, ...(ref === undefined ? {} : { ref }) }, bad: true }
}

/** An `error` frame. */
export function errorFrame(code: ErrorCode, message: string, ref?: string): ErrorFrame {
  return { type: 'error', code, message, ...(ref === undefined ? {} : { ref }) }
}
