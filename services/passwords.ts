import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { AppError } from '../errors.ts'
import { createGate } from './passwords/gate.ts'
import { createPasswordPolicy, type Owner } from './passwords/policy.ts'

/** OWASP's minimum for argon2id (the library's default algorithm); memory in KiB. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const PREFIX = `$argon2id$v=19$m=${PARAMETERS.memoryCost},t=${PARAMETERS.timeCost},p=${PARAMETERS.parallelism}$`
/** Half of libuv's threads, so that files and names are still looked up while passwords are hashed. */
const CONCURRENCY = Math.min(4, Math.max(2, availableParallelism() - 1))
const QUEUE = 512

export type Passwords = ReturnType<typeof createPasswords>

/** Passwords: the rules of a new one, hashing, checking. At most so many are hashed at once; too many waiting are SERVICE_UNAVAILABLE. */
export function createPasswords(options: { concurrency?: number; queue?: number } = {}) {
  const { pass, load } = createGate({ concurrency: options.concurrency ?? CONCURRENCY, queue: options.queue ?? QUEUE })
  const refuse = createPasswordPolicy()
  // No password has this hash: checking against it costs what checking a real one costs.
  const dummy = PREFIX + [16, 32].map((size) => randomBytes(size).toString('base64').replaceAll('=', '')).join('$')

  return {
    /** How many are hashed now, and how many wait. */
    load,

    /** Throws VALIDATION_ERROR, naming the field of the body, when the password may not be chosen by its owner. */
    requireGood(field: string, password: string, owner: Owner): void {
      const problem = refuse(password, owner)
      if (!problem) return
      throw new AppError('VALIDATION_ERROR', undefined, { details: [{ field: `body.${field}`, message: problem }] })
    },

    hash: (password: string): Promise<string> => pass(() => hash(normalise(password), PARAMETERS)),

    /** Whether the password has this hash. Null (nobody has it) takes as long and is false. */
    async verify(stored: string | null, password: string): Promise<boolean> {
      const right = await pass(() => verify(stored ?? dummy, normalise(password)))
      return right && stored !== null
    },

    /** Whether the hash was made with other parameters than today's. */
    needsRehash: (stored: string): boolean => !stored.startsWith(PREFIX),
  }
}

/** The same password typed on another keyboard or system. */
function normalise(password: string): string {
  return password.normalize('NFKC')
}
