import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError, type ErrorCode, errorBody } from '../errors.ts'
import { DatabaseUnavailableError } from '../repositories/database.ts'
import { StateUnavailableError } from '../state/state.ts'
import { validationDetails } from './validation-errors.ts'

const BEARER_CODES: ReadonlySet<ErrorCode> = new Set(['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED'])

/** The framework's own refusals, by their status, in our words. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  406: 'MALFORMED_REQUEST',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMIT_EXCEEDED',
}

/** Any error as one that may be answered. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (error instanceof StateUnavailableError || error instanceof DatabaseUnavailableError)
    return new AppError('SERVICE_UNAVAILABLE', undefined, { headers: { 'retry-after': '1' }, cause: error })
  if (!(error instanceof Error)) return new AppError('INTERNAL_ERROR', undefined, { cause: error })
  const { validation, validationContext, statusCode, code } = error as Partial<FastifyError>
  if (validation)
    return new AppError('VALIDATION_ERROR', 'The request is not valid.', {
      details: validationDetails(validation, validationContext ?? 'body'),
    })
  // Parsers mark what they refuse; an error that merely has a status is not the client's fault.
  const refusedByParser = error instanceof SyntaxError || code?.startsWith('FST_')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500 && refusedByParser)
    return new AppError(BY_STATUS[statusCode] ?? 'MALFORMED_REQUEST', undefined, { cause: error })
  return new AppError('INTERNAL_ERROR', undefined, { cause: error })
}

/** Answers an error with the one body. What is our fault is logged once, with its stack, and not shown. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = toAppError(error)
  if (answer.code === 'INTERNAL_ERROR') request.log.error({ err: answer.cause ?? answer }, 'request failed')
  else if (answer.statusCode >= 500)
    request.log.warn({ err: answer.cause ?? answer }, 'request refused: a dependency is down')
  if (BEARER_CODES.has(answer.code)) reply.header('www-authenticate', 'Bearer')
  return (
    reply
      .code(answer.statusCode)
      .headers(answer.headers)
      .type('application/json; charset=utf-8')
      // As text: whatever the route's response schemas say, this is the body.
      .send(JSON.stringify(errorBody(answer, request.id)))
  )
}

const plugin: FastifyPluginAsync = async (app) => {
  app.setErrorHandler((error, request, reply) => {
    answerError(error, request, reply)
  })
}

/** One error body for every layer. */
export default fp(plugin, { name: 'error-handler' })
