import { createHash } from 'node:crypto'

/** One id for a user in a room, whichever of two concurrent joins comes first: a UUID (version 8) over both ids. */
export function participantIdOf(roomId: string, userId: string): string {
  const bytes = createHash('sha256').update(`${roomId}:${userId}`).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The form under which names are compared: what looks the same to people is the same. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim()
}
