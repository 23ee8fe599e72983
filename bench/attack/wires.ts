import type { Credentials } from './accounts.ts'

// Requests as they go over the wire.

const HOST = 'host: bench.example.org'
const ORIGIN = 'origin: https://bench.example.org'
const NOTE = JSON.stringify({ text: 'x'.repeat(73), language: 'en' })

/** A request that is served; without a token it is refused, at the latest when its address has used up its limit. */
export function note(token: string | null): string {
  return post('/notes', NOTE, token === null ? [] : [`authorization: Bearer ${token}`])
}

export function login(credentials: Credentials, address: string): string {
  return post('/api/v1/auth/login', JSON.stringify(credentials), [`x-forwarded-for: ${address}`])
}

/** A WebSocket handshake with nothing that says who comes. */
export function upgrade(address: string): string {
  const head = ['GET /api/v1/ws/meetings/abcdefghijklmnopqrstuvwxyz HTTP/1.1', HOST, ORIGIN, 'connection: Upgrade']
  head.push('upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==')
  head.push('sec-websocket-protocol: fluentmeet.v1', `x-forwarded-for: ${address}`)
  return `${head.join('\r\n')}\r\n\r\n`
}

/** So many addresses, of which each has limits of its own. */
export function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`)
}

function post(path: string, body: string, headers: readonly string[]): string {
  const head = [`POST ${path} HTTP/1.1`, HOST, ORIGIN, ...headers, 'content-type: application/json']
  return `${head.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
