import type { Redis } from 'ioredis'
import type { Clock } from '../state.ts'

export type ScriptArgument = string | number
export type RunScript = (keys: readonly string[], args: readonly ScriptArgument[]) => Promise<unknown>

/** Makes a Lua script a command of the connection: sent whole once, by its digest from then on. `name` is unique among scripts. */
export function defineScript(redis: Redis, name: string, lua: string): RunScript {
  redis.defineCommand(name, { lua })
  const commands = redis as unknown as Record<string, (...args: ScriptArgument[]) => Promise<unknown>>
  return async (keys, args) => await commands[name]?.(keys.length, ...keys, ...args)
}

/** The clock argument of a script: empty, so that it asks Redis, unless a test gives the time. */
export function clockArgument(now: Clock | undefined): () => ScriptArgument {
  return now ? now : () => ''
}
