import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits, base64url. */
export const newTicket = (): string => randomBytes(32).toString('base64url')

/** What is kept of a secret or of personal data: SHA-256, base64url. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url')
