import { randomBytes } from 'node:crypto'
import t from 'tap'
import { newRoom, newUser } from '../support/client.ts'
import { dataFolder } from '../support/data-folder.ts'
import { freePort } from '../support/ports.ts'
import { startServer } from '../support/server-process.ts'
import { startClient } from '../support/terminal-client.ts'

const count = (text: string, part: string) => text.split(part).length - 1

t.test(
  'a server that restarts: reconnects with a new ticket, misses nothing, says once what was typed meanwhile',
  async (t) => {
    const port = await freePort()
    const settings = {
      PORT: String(port),
      DATA_DIR: dataFolder(t),
      SECRET_KEY: randomBytes(32).toString('base64url'),
    }
    let server = await startServer(t, settings)
    const host = await newUser(server.url)
    const code = await newRoom(server.url, host.token)
    const reader = startClient(t, [`${server.url}/join/${code}`, '--name', 'Reader', '--listening', 'en'])
    const speaker = startClient(t, [
      `${server.url}/join/${code}`,
      '--name',
      'Speaker',
      '--speaking',
      'en',
      '--listening',
      'en',
    ])
    await Promise.all([reader.printed('as Reader'), speaker.printed('as Speaker')])
    speaker.type('Before.')
    await reader.printed('Speaker: Before.')
    t.equal(await server.stop(), 0)
    await Promise.all([reader.printed('* Not connected'), speaker.printed('* Not connected')])
    speaker.type('Meanwhile.')
    server = await startServer(t, settings)
    await reader.printed('Speaker: Meanwhile.')
    speaker.type('After.')
    await Promise.all([reader.printed('Speaker: After.'), speaker.printed('Speaker: After.')])
    for (const text of ['Before.', 'Meanwhile.', 'After.'])
      for (const client of [reader, speaker]) t.equal(count(client.text(), `Speaker: ${text}`), 1, text)
    reader.child.kill('SIGTERM')
    t.equal(await reader.ended, 0)
  },
)
