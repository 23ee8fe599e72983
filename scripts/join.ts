// `npm run join -- <join link>`: a meeting in the terminal, and the reference client of the protocol.
import { readFileSync } from 'node:fs'
import { clearLine, createInterface, cursorTo, moveCursor } from 'node:readline'
import { parseArgs } from 'node:util'
import { createCall, readLink } from './join/api.ts'
import { lineOf, plain } from './join/screen.ts'
import { createSession } from './join/session.ts'

const USAGE = `npm run join -- <join link> [--name NAME] [--speaking xx] [--listening yy] [--token-file FILE]
  --token-file: join as the user whose access token the file holds; it is read anew for every call
Type to speak. /who: who is there; /lang xx [yy]: speak xx, read yy; /leave or Ctrl-C: leave.`
/** What an error code or a close code means to a person; of other codes the server's own words are shown. */
const MEANINGS: Record<string, string> = {
  NO_SERVER: 'No server answers there',
  NOT_FOUND: 'There is no such meeting: check the link',
  ROOM_ENDED: 'The meeting has ended',
  ROOM_FULL: 'The meeting is full',
  1000: 'You left',
  4401: 'Your token has ended: sign in again',
  4403: 'You were removed, or not let in',
  4410: 'The meeting has ended',
}
process.on('uncaughtException', ({ code, message, stack }: Error & { code?: string }) =>
  exit(code === undefined ? String(stack) : `${MEANINGS[code] ?? plain(message)} (${plain(code)}).`),
)
const text = { type: 'string' } as const
const flags = { name: text, speaking: text, listening: text, 'token-file': text }
const { values, positionals } = parseArgs({ options: flags, allowPositionals: true })
const link = readLink(positionals[0] ?? '')
if (!link) exit(`${positionals[0] ? 'This is no join link' : 'A join link is missing'}: https://host/join/…\n${USAGE}`)
const { name, speaking: speaking_language, listening: listening_language, 'token-file': tokenFile } = values
const display_name = name ?? (tokenFile ? undefined : (process.env.USER ?? 'Guest'))
const who = { display_name, speaking_language, listening_language, invitation: link.invitation ?? undefined }
const live = process.stdin.isTTY && process.stdout.isTTY
const dim = (text: string) => (process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[2m${text}\x1b[22m` : text)
const token = () => (tokenFile ? readFileSync(tokenFile, 'utf8').trim() : null)
const onFrame = (frame: Parameters<typeof lineOf>[0]) => print(lineOf(frame, session.me(), dim))
const session = createSession({ call: createCall(link.room, token), socketUrl: link.socket, who, onFrame })
const input = createInterface({ input: process.stdin, output: process.stdout, terminal: live, prompt: '' })
input.on('line', act)
// At a terminal that is Ctrl-C or Ctrl-D (a second one ends it at once). What is piped in may end, and the meeting is read on.
input.on('close', () => live && session.leave())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, session.leave)

const code = await session.attend()
exit(`${MEANINGS[code] ?? 'The connection was closed'} (${code}).`, [1000, 4410].includes(code) ? 0 : 1)

function act(line: string): void {
  // What is typed comes back as a caption when it was heard.
  if (live) moveCursor(process.stdout, 0, -1)
  const [command, speak, read = speak] = line.trim().split(/\s+/)
  if (command === '/leave') void session.leave()
  else if (command === '/who')
    for (const { display_name: name, role } of session.people.values()) print(`* ${plain(name)} (${plain(role)})`)
  else if (command === '/lang' && speak && read) session.setLanguages(speak, read)
  else if (command?.startsWith('/')) print(USAGE)
  else if (line.trim() !== '' && !session.say(line)) print('! Too much waits to be said.')
}

function print(line: string | null): void {
  if (line !== null && live && cursorTo(process.stdout, 0)) clearLine(process.stdout, 0)
  if (line !== null) process.stdout.write(`${line}\n`)
  if (live) input.prompt(true)
}

function exit(message: string, code = 1): never {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}
