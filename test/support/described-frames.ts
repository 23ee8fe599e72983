import type { ValidateFunction } from 'ajv'
import { describeMeetingSocket } from '../../schemas/documents/asyncapi.ts'
import { createChecker, errorsOf } from './documents.ts'

const payloads = new Map<string, ValidateFunction>()
const payloadAt = createChecker(describeMeetingSocket({ publicUrl: 'http://localhost:3000' }))

/** Throws when a frame of the server is not as the description of the socket has it. */
export function requireDescribed(frame: { readonly type: string }): void {
  const { type } = frame
  const validate = payloads.get(type) ?? payloadAt(`/components/messages/server.${type}/payload`)
  payloads.set(type, validate)
  const errors = errorsOf(validate, frame)
  if (errors.length > 0)
    throw new Error(`a frame is not as described: ${errors.join('; ')} in ${JSON.stringify(frame)}`)
}
