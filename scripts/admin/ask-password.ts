import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { ScriptError } from './database-script.ts'

const LONGEST_INPUT = 4_096

/** A new password: asked twice at a terminal, without an echo; otherwise the first line of the standard input. */
export async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) return firstLine(process.stdin)
  const password = await askHidden('Password: ')
  if ((await askHidden('Once more: ')) !== password) throw new ScriptError('The two are not the same.')
  return password
}

async function askHidden(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true })
  const interrupted = new Promise<never>((_resolve, reject) => {
    terminal.once('SIGINT', () => reject(new ScriptError('Nothing was changed.')))
  })
  try {
    process.stderr.write(question)
    return await Promise.race([terminal.question(''), interrupted])
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}

async function firstLine(input: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of input) {
    text += chunk.toString('utf8')
    if (text.includes('\n') || text.length > LONGEST_INPUT) break
  }
  const line = text.split(/\r?\n/, 1)[0] ?? ''
  if (line !== '') return line
  throw new ScriptError('No password came: type one at a terminal, pipe one in, or use --link.')
}
