// `npm run join -- <join link>`: a meeting in the terminal, by the TypeScript client.
import { readFileSync } from 'node:fs'
import { clearLine, createInterface, cursorTo, moveCursor } from 'node:readline'
import { parseArgs } from 'node:util'
import { createApi, createVisit, type FluentMeetError } from '../clients/typescript/src/index.ts'
import { readLink } from './join/link.ts'
import { createPeople } from './join/people.ts'
import { createPolls } from './join/polls.ts'
import { lineOf, plain } from './join/screen.ts'

const USAGE = `npm run join -- <join link> [--name NAME] [--speaking xx] [--listening yy] [--token-file FILE]
  --token-file: join as the user whose access token the file holds; it is read anew for every call
Type to speak. /who: who is there; /lang xx [yy]: speak xx, read yy; /vote n: vote in the last poll; /leave or Ctrl-C: leave.`
/** What an error code, or how a meeting was over, means to a person; of other codes the server's own words are shown. */
const MEANINGS: Record<string, string> = {
  NO_SERVER: 'No server answers there',
  NOT_FOUND: 'There is no such meeting: check the link',
  ROOM_ENDED: 'The meeting has ended',
  ROOM_FULL: 'The meeting is full',
  TOKEN_EXPIRED: 'Your token has ended: sign in again',
  closed: 'You left',
  left: 'You left',
  removed: 'You were removed, or not let in',
  ended: 'The meeting has ended',
}
const meaningOf = ({ code, message }: { code: string; message: string }) =>
  `${MEANINGS[code] ?? plain(message)} (${plain(code)}).`
process.on('uncaughtException', (error: Error & { code?: string }) =>
  exit(error.code === undefined ? String(error.stack) : meaningOf({ code: error.code, message: error.message })),
)
const text = { type: 'string' } as const
const flags = { name: text, speaking: text, listening: text, 'token-file': text }
const { values, positionals } = parseArgs({ options: flags, allowPositionals: true })
const link = readLink(positionals[0] ?? '')
if (!link) exit(`${positionals[0] ? 'This is no join link' : 'A join link is missing'}: https://host/join/…\n${USAGE}`)
const { name, speaking, listening, 'token-file': tokenFile } = values
const displayName = name ?? (tokenFile ? undefined : (process.env.USER ?? 'Guest'))
const who = {
  ...(displayName ? { display_name: displayName } : {}),
  ...(speaking ? { speaking_language: speaking } : {}),
  ...(listening ? { listening_language: listening } : {}),
  ...(link.invitation ? { invitation: link.invitation } : {}),
}
const live = process.stdin.isTTY && process.stdout.isTTY
const dim = (text: string) => (process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[2m${text}\x1b[22m` : text)
const token = () => (tokenFile ? readFileSync(tokenFile, 'utf8').trim() : null)

const visit = createVisit(createApi({ baseUrl: link.baseUrl, token }), link.roomCode)
const socket = visit.socket()
const people = createPeople()
const polls = createPolls(visit, print)
socket.on('frame', (frame) => {
  people.take(frame)
  print(lineOf(frame, people.me(), dim))
  if (frame.type === 'welcome' && frame.participant.status === 'joined') polls.load().catch(complain)
  polls.take(frame)
})
socket.on('offline', ({ retryInMs }) =>
  print(dim(`* Not connected: trying again in ${(retryInMs / 1000).toFixed(1)} s.`)),
)
socket.on('gap', () => print(dim('* You were away for long: something was missed.')))
const input = createInterface({ input: process.stdin, output: process.stdout, terminal: live, prompt: '' })
input.on('line', act)
// At a terminal that is Ctrl-C or Ctrl-D (a second one ends it at once). What is piped in may end, and the meeting is read on.
input.on('close', () => live && leave())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, leave)

await visit.join(who)
const { reason, code, error } = await socket.connect().over
if (error) exit(meaningOf(error))
exit(
  `${MEANINGS[reason] ?? 'The connection was closed'} (${code ?? 1000}).`,
  ['left', 'closed', 'ended'].includes(reason) ? 0 : 1,
)

function act(line: string): void {
  // What is typed comes back as a caption when it was heard.
  if (live) moveCursor(process.stdout, 0, -1)
  const [command, ...args] = line.trim().split(/\s+/)
  const [speaking, listening = speaking] = args
  if (command === '/leave') void leave()
  else if (command === '/who')
    for (const { display_name, role } of people.present.values()) print(`* ${plain(display_name)} (${plain(role)})`)
  else if (command === '/lang' && speaking && listening) socket.send({ type: 'language.set', speaking, listening })
  else if (command === '/vote' && args.length > 0) polls.vote(args).then(print, complain)
  else if (command?.startsWith('/')) print(USAGE)
  else if (line.trim() !== '' && !socket.say(line)) print('! Too much waits to be said.')
}

async function leave(): Promise<void> {
  await visit.leave().catch(() => undefined)
  socket.close()
}

function complain({ message, fields = {} }: FluentMeetError): void {
  print(`! ${[message, ...Object.values(fields)].map(plain).join(' ')}`)
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
