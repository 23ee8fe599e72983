import { createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A mail server as far as a client can tell. It keeps what it takes, and can be told to refuse for now. */
export async function startSmtp(t: Test) {
  const taken: { envelope: string[]; data: string }[] = []
  let refusing = false

  function serve(socket: Socket): void {
    let buffer = ''
    let data: string[] | null = null
    let envelope: string[] = []
    const say = (line: string) => socket.write(`${line}\r\n`)

    function command(line: string): void {
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'EHLO') say('250 test')
      else if (verb === 'DATA') {
        data = []
        say('354 go on')
      } else if (verb === 'QUIT') socket.end('221 bye\r\n')
      else if (verb === 'RCPT' && refusing) say('451 try again later')
      else {
        if (verb === 'MAIL') envelope = [line]
        if (verb === 'RCPT') envelope.push(line)
        say('250 ok')
      }
    }

    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      buffer += chunk
      const lines = buffer.split('\r\n')
      buffer = lines.pop() ?? ''
      for (const line of lines) {
        if (!data) command(line)
        else if (line !== '.') data.push(line)
        else {
          taken.push({ envelope, data: data.join('\r\n') })
          data = null
          say('250 taken')
        }
      }
    })
    say('220 test')
  }

  const server = createServer(serve)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => new Promise<void>((done) => server.close(() => done())))
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('not listening')
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    taken,
    refuse(yes: boolean) {
      refusing = yes
    },
  }
}
