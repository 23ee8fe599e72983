/** A join link taken apart. */
export interface Link {
  readonly baseUrl: string
  readonly roomCode: string
  readonly invitation: string | null
}

/** Reads `https://host/join/<room code>`, with `#invitation=` where somebody was invited; null for anything else. */
export function readLink(text: string): Link | null {
  const url = URL.parse(text)
  const [, roomCode] = /^\/join\/([a-z2-7]{26})\/?$/.exec(url?.pathname ?? '') ?? []
  if (!url || !/^https?:$/.test(url.protocol) || roomCode === undefined) return null
  return { baseUrl: url.origin, roomCode, invitation: new URLSearchParams(url.hash.slice(1)).get('invitation') }
}
