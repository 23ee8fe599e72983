import type { Redis } from 'ioredis'

/** How many slots the keys of a cluster are spread over. */
export const SLOTS = 16_384

const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc
})

/** The slot of a key or shard channel: CRC16 (XMODEM) of its hash tag, the text between the first braces that hold any, or of all of it. */
export function slotOf(key: string): number {
  const open = key.indexOf('{')
  const close = open === -1 ? -1 : key.indexOf('}', open + 1)
  const hashed = close > open + 1 ? key.slice(open + 1, close) : key
  let crc = 0
  for (const byte of Buffer.from(hashed)) crc = ((crc << 8) & 0xffff) ^ (CRC16[(crc >> 8) ^ byte] ?? 0)
  return crc % SLOTS
}

/** Slots from the first to the last, and the `host:port` that serves them. */
export interface SlotRange {
  readonly first: number
  readonly last: number
  readonly server: string
}

/** Which server of the cluster serves which slots, as the one that is asked knows it. Throws its refusal when it is in no cluster. */
export async function readSlots(redis: Redis): Promise<SlotRange[]> {
  const rows = await redis.cluster('SLOTS')
  return rows.flatMap(([first, last, primary]) =>
    primary ? [{ first, last, server: serverOf(primary[0], primary[1], redis) }] : [],
  )
}

/** Throws unless the server takes its part in a whole cluster: one that was cut off, or has just come back, knows old things. */
export async function checkMember(redis: Redis): Promise<void> {
  if (!String(await redis.cluster('INFO')).includes('cluster_state:ok')) throw new Error('the cluster is not whole')
}

export interface Redirection {
  /** `moved`: from now on; `ask`: for this command; `again`: here, when the keys of the slot have all arrived. */
  readonly kind: 'moved' | 'ask' | 'again'
  readonly slot: number
  readonly server: string
}

/** Where an error of a cluster's server sends a command; null for any other error. */
export function redirectionOf(error: unknown, redis: Redis): Redirection | null {
  if (!(error instanceof Error)) return null
  if (error.message.startsWith('TRYAGAIN')) return { kind: 'again', slot: -1, server: '' }
  const [, kind, slot, host, port] = /^(MOVED|ASK) (\d+) (\S*):(\d+)$/.exec(error.message) ?? []
  if (kind === undefined) return null
  return {
    kind: kind === 'MOVED' ? 'moved' : 'ask',
    slot: Number(slot),
    server: serverOf(host ?? '', Number(port), redis),
  }
}

/** A server that does not know its own name is at the one that it was reached by. */
function serverOf(host: string | null, port: number, { options }: Redis): string {
  const name = host && host !== '?' ? host : (options.host ?? 'localhost')
  return `${name.includes(':') ? `[${name}]` : name}:${port}`
}
