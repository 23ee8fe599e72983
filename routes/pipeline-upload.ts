import type { Multipart } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { Intake } from '../services/recordings/intake.ts'

/** What a form may be larger than its file: boundaries, headers and the other field. */
export const FORM_BYTES = 16 * 1024

const LIMITS = { fields: 2, files: 2, parts: 4, fieldNameSize: 100, fieldSize: 64, headerPairs: 16 }

export interface Form {
  /** Empty: it stands for the file, whose content is in the intake. */
  file?: string
  language?: string
}

/**
 * Reads a form with a file and a language, the file into the intake. Stops at the first thing that is wrong, without reading on.
 * Throws VALIDATION_ERROR (a field that is unknown, comes twice or is of the wrong kind), MALFORMED_REQUEST, and what the intake throws.
 */
export async function readForm(request: FastifyRequest, file: Intake): Promise<Form> {
  const { raw } = request
  let size = 0
  const { promise: overflow, reject } = Promise.withResolvers<never>()
  const count = (piece: Buffer): void => {
    size += piece.length
    if (size > request.routeOptions.bodyLimit) reject(new AppError('PAYLOAD_TOO_LARGE'))
  }
  raw.on('data', count)
  const reading = readParts(request, file)
  try {
    return await Promise.race([reading, overflow])
  } catch (error) {
    // Nothing is read any more: it stays with the sender, and the connection ends with the answer.
    raw.unpipe()
    raw.pause()
    // It may never end by itself.
    reading.catch(() => undefined)
    throw lastWords(error)
  } finally {
    raw.off('data', count)
  }
}

async function readParts(request: FastifyRequest, file: Intake): Promise<Form> {
  const form: Form = {}
  // The intake says how large a file may be.
  const limits = { ...LIMITS, fileSize: request.routeOptions.bodyLimit }
  for await (const part of request.parts({ limits })) {
    const { fieldname: name } = part
    if (name !== 'file' && name !== 'language') refuse(name, 'is not known here')
    if (form[name] !== undefined) refuse(name, 'may come once')
    form[name] = name === 'file' ? await readFile(part, file) : readText(part)
  }
  return form
}

async function readFile(part: Multipart, file: Intake): Promise<string> {
  if (part.type !== 'file') refuse('file', 'must be a file')
  for await (const piece of part.file) file.add(piece)
  return ''
}

function readText(part: Multipart): string {
  if (part.type !== 'field' || typeof part.value !== 'string') refuse('language', 'must be a text')
  return part.valueTruncated ? refuse('language', 'is too long') : part.value
}

function refuse(name: string, message: string): never {
  const field = `body.${name.slice(0, 64).replaceAll(/[^\w$-]/g, '_')}`
  throw new AppError('VALIDATION_ERROR', 'The request is not valid.', { details: [{ field, message }] })
}

/** The answer to a body that was not read to its end. */
function lastWords(error: unknown): AppError {
  // What the form's parser throws is about the form.
  const answer = error instanceof AppError ? error : new AppError('MALFORMED_REQUEST', undefined, { cause: error })
  const { code, message, details, headers, cause } = answer
  return new AppError(code, message, { details, cause, headers: { ...headers, connection: 'close' } })
}
