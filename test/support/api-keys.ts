import type { ApiKey, MadeApiKey, NewApiKey } from '../../schemas/api-keys.ts'
import { type Answer, send } from './client.ts'

export const PATH = '/api/v1/api-keys'

/** Makes a key; fails when it is refused. */
export async function newApiKey(base: string, token: string, change: Partial<NewApiKey> = {}): Promise<MadeApiKey> {
  const body: NewApiKey = { name: 'Machine', scopes: ['meetings:read', 'meetings:write'], ...change }
  const answer = await send<MadeApiKey>(base, 'POST', PATH, { token, body })
  if (answer.status !== 201) throw new Error(`api-keys answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** Sends a request as a machine would. */
export function byKey<T = Record<string, never>>(
  base: string,
  key: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  return send<T>(base, method, path, { headers: { 'x-api-key': key }, ...(body === undefined ? {} : { body }) })
}

/** The key as its owner sees it. */
export async function look(base: string, token: string, id: string): Promise<ApiKey> {
  return (await send<ApiKey>(base, 'GET', `${PATH}/${id}`, { token })).body
}
