// What every peer asks of a request, so that all do the same.

export const ISSUER = 'fluentmeet'
export const AUDIENCE = 'fluentmeet-api'
/** Requests a minute and user. */
export const LIMIT = 300
export const MAX_TEXT = 200

export const revokedKey = (sessionId) => `revoked:${sessionId}`

/** JSON Schema of the body. */
export const body = {
  type: 'object',
  properties: {
    text: { type: 'string', minLength: 1, maxLength: MAX_TEXT },
    language: { type: 'string', pattern: '^[a-z]{2,3}$', maxLength: 35 },
  },
  required: ['text', 'language'],
  additionalProperties: false,
}
