export interface Part {
  headers: Record<string, string>
  /** Decoded; of a part with parts, as it came. */
  body: string
}

/** The parts of a mail, itself first, as far as our mails need: multipart, base64, quoted-printable, UTF-8. */
export function partsOf(mail: string): Part[] {
  const [head = '', ...rest] = mail.replaceAll('\r\n', '\n').split('\n\n')
  const raw = rest.join('\n\n')
  const headers = Object.fromEntries(
    head
      .replaceAll(/\n[ \t]+/g, ' ')
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1]
  if (boundary === undefined) return [{ headers, body: decoded(raw, headers['content-transfer-encoding']) }]
  const inner = raw.split(`--${boundary}`).slice(1, -1)
  return [{ headers, body: raw }, ...inner.flatMap((part) => partsOf(part.replace(/^\n/, '')))]
}

function decoded(body: string, encoding = '7bit'): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString()
  if (encoding !== 'quoted-printable') return body
  const bytes = body
    .replaceAll('=\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}

/** The properties of the one event of an iCalendar file, unescaped. Throws where RFC 5545 is not kept. */
export function eventOf(file: string): Record<string, string> {
  if (/[^\r]\n|\r[^\n]/.test(file)) throw new Error('lines end in CRLF')
  for (const line of file.split('\r\n'))
    if (Buffer.byteLength(line) > 75) throw new Error(`longer than 75 octets: ${line}`)
  const lines = file
    .replace(/\r\n$/, '')
    .replaceAll(/\r\n[ \t]/g, '')
    .split('\r\n')
  const properties: Record<string, string> = {}
  for (const line of lines) {
    const match = /^([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^";:,]*))*):(.*)$/.exec(line)
    if (!match) throw new Error(`no property: ${line}`)
    const [, name = '', , value = ''] = match
    if (name === 'BEGIN' || name === 'END') continue
    if (name in properties) throw new Error(`${name} stands twice`)
    properties[name] = value.replaceAll(/\\([\\;,nN])/g, (_all, c: string) => (c === 'n' || c === 'N' ? '\n' : c))
  }
  const frame = [lines[0], ...lines.filter((line) => /^(BEGIN|END):VEVENT$/.test(line)), lines.at(-1)]
  if (frame.join() !== 'BEGIN:VCALENDAR,BEGIN:VEVENT,END:VEVENT,END:VCALENDAR') throw new Error('not one event')
  for (const name of ['VERSION', 'PRODID', 'UID', 'DTSTAMP']) if (!properties[name]) throw new Error(`lacks ${name}`)
  return properties
}
