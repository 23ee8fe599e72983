import { oneLine } from './formats/text.ts'

// What a file system or a header could take for more than a name.
const UNSAFE = /[\\/:*?"<>|\p{Cf}]+/gu

/** `Content-Disposition` of a download named after a room and what it is: RFC 6266, with a plain ASCII name for old clients. */
export function attachment(roomName: string, extension: string, kind = 'transcript'): string {
  const name = oneLine(roomName)
    .replaceAll(UNSAFE, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^[. ]+|[. ]+$/g, '')
  const ascii = name
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/[^\w .-]+/g, '_')
  const encoded = encodeURIComponent(`${name} ${kind}.${extension}`.trimStart()).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${`${ascii} ${kind}`.trimStart()}.${extension}"; filename*=UTF-8''${encoded}`
}
