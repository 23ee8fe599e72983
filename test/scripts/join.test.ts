import { once } from 'node:events'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { plain } from '../../scripts/join/screen.ts'
import { send } from '../support/client.ts'
import { dataFolder } from '../support/data-folder.ts'
import { listen } from '../support/meeting-app.ts'
import { freePort } from '../support/ports.ts'
import { startClient } from '../support/terminal-client.ts'

t.test('a meeting in two terminals', async (t) => {
  const app = await listen(t)
  const host = await app.user('en')
  const code = await app.room(host)
  const link = `${app.base}/join/${code}`
  const file = join(dataFolder(t), 'token')
  writeFileSync(file, `${host.token}\n`)
  const ben = startClient(t, [link, '--token-file', file])
  await ben.printed(/\* You are in "Stand-up" as Ana Pérez, speaking en, reading en\./)
  const zoe = startClient(t, [link, '--name', 'Zoë', '--speaking', 'es', '--listening', 'es'])
  await Promise.all([zoe.printed('as Zoë, speaking es, reading es'), ben.printed('* Zoë joined.')])

  await t.test('what one types the other reads in its language, with the original beside it', async () => {
    ben.type('Good morning.')
    await zoe.printed(/Ana Pérez: \S.*\[en: Good morning\.\]\n/)
    await ben.printed('Ana Pérez: Good morning.\n')
    zoe.type('Buenos días.')
    await ben.printed(/Zoë: \S.*\[es: Buenos días\.\]\n/)
  })

  await t.test('/who lists people, /lang changes languages, anything else with a slash is not said', async (t) => {
    zoe.type('/who')
    await zoe.printed('* Ana Pérez (host)\n')
    await zoe.printed('* Zoë (guest)\n')
    zoe.type('/nonsense')
    await zoe.printed('--token-file FILE')
    zoe.type('/lang en')
    zoe.type('Now in English.')
    await ben.printed('Zoë: Now in English.\n')
    t.notMatch(ben.text(), 'nonsense')
  })

  await t.test('what the server refuses is said, and the meeting goes on', async () => {
    zoe.type('a <b>tag</b>')
    await zoe.printed('! ')
    zoe.type('No tags.')
    await ben.printed('Zoë: No tags.\n')
  })

  await t.test('/leave and Ctrl-C leave at once, and say so to the others', async (t) => {
    zoe.type('/leave')
    t.equal(await zoe.ended, 0)
    t.match(zoe.text(), 'You left')
    await ben.printed('* Zoë left.')
    const ida = startClient(t, [link, '--name', 'Ida'])
    await ben.printed('* Ida joined.')
    ida.child.kill('SIGINT')
    t.equal(await ida.ended, 0)
    await ben.printed('* Ida left.')
  })

  await t.test('who is kicked is told so', async (t) => {
    const guest = startClient(t, [link, '--name', 'Eve'])
    await guest.printed('as Eve')
    const list = await send<{ participants: { id: string; display_name: string }[] }>(
      app.base,
      'GET',
      `/api/v1/meetings/${code}/participants`,
      { token: host.token },
    )
    const eve = list.body.participants.find(({ display_name }) => display_name === 'Eve')
    await app.post(`/api/v1/meetings/${code}/kick/${eve?.id}`, host.token)
    t.equal(await guest.ended, 1)
    t.match(guest.text(), 'You were removed')
    await ben.printed('* Eve was removed.')
  })

  await t.test('the end of the meeting ends it well', async (t) => {
    await app.post(`/api/v1/meetings/${code}/end`, host.token)
    t.equal(await ben.ended, 0)
    t.match(ben.text(), 'The meeting has ended (4410)')
    const late = startClient(t, [link])
    t.equal(await late.ended, 1)
    t.match(late.text(), 'The meeting has ended (ROOM_ENDED)')
  })
})

t.test('a poll is told of and voted in by number, by who came late too', async (t) => {
  const app = await listen(t)
  const host = await app.user('en')
  const code = await app.room(host)
  const path = `/api/v1/meetings/${code}`
  const as = { token: host.token }
  const ask = async (question: string, multiple = false) => {
    const body = { question, options: ['Tea', 'Coffee', 'Water'], multiple }
    const { id } = (await send<{ id: string }>(app.base, 'POST', `${path}/polls`, { ...as, body })).body
    t.equal(await app.post(`/api/v1/polls/${id}/open`, host.token), 200)
    return id
  }
  const early = startClient(t, [`${app.base}/join/${code}`, '--name', 'Ann', '--speaking', 'en', '--listening', 'en'])
  await early.printed('as Ann')
  early.type('/vote 1')
  await early.printed('! There is nothing of that number')
  const first = await ask('What to drink?')
  await early.printed('? What to drink?  1) Tea  2) Coffee  3) Water  [/vote <number>]\n')
  const late = startClient(t, [`${app.base}/join/${code}`, '--name', 'Bob', '--speaking', 'en', '--listening', 'en'])
  await late.printed('? What to drink?  1) Tea')
  early.type('/vote 2')
  await early.printed('* You voted for Coffee.\n')
  late.type('/vote 4')
  await late.printed('! There is nothing of that number')
  late.type('/vote 1 2')
  await late.printed(/! The request is not valid\. \S/)
  late.type('/vote 2')
  await late.printed('* You voted for Coffee.\n')
  t.equal(await app.post(`/api/v1/polls/${first}/close`, host.token), 200)
  for (const client of [early, late]) await client.printed('? What to drink?  Closed: Tea 0, Coffee 2, Water 0\n')
  await ask('Which ones?', true)
  await late.printed('[/vote <number> <number> …]')
  late.type('/vote 1 3')
  await late.printed('* You voted for Tea, Water.\n')
})

t.test('the reference client stays short enough to be read', async (t) => {
  const files = globSync(['scripts/join.ts', 'scripts/join/*.ts'])
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').trimEnd().split('\n'))
  t.ok(files.length > 1)
  t.ok(lines.length <= 300, `${lines.length} lines`)
})

t.test('in a locked room one waits, is let in and speaks, or is not', async (t) => {
  const app = await listen(t)
  const host = await app.user('en')
  const code = await app.room(host)
  const link = `${app.base}/join/${code}`
  const path = `/api/v1/meetings/${code}`
  await send(app.base, 'PATCH', `${path}/config`, { token: host.token, body: { lock_room: true } })
  const socket = await app.enter(code, host.token)
  const [ann, bob] = [startClient(t, [link, '--name', 'Ann']), startClient(t, [link, '--name', 'Bob'])]
  const ids: Record<string, string> = {}
  for (let i = 0; i < 2; i++) {
    const { participant } = await socket.next('lobby.waiting')
    const { id, display_name } = participant as { id: string; display_name: string }
    ids[display_name] = id
  }
  await Promise.all([ann.printed('You are in the lobby'), bob.printed('You are in the lobby')])
  ann.type('Typed at the door.')
  await app.post(`${path}/admit/${ids.Ann}`, host.token)
  await ann.printed('You may come in')
  t.match(await socket.next('caption'), { text: 'Typed at the door.' })
  await app.post(`${path}/reject/${ids.Bob}`, host.token)
  t.equal(await bob.ended, 1)
  t.match(bob.text(), 'You may not come in')
})

t.test('what others say cannot steer the terminal', async (t) => {
  t.equal(plain('a\x1b[2J\u009b31m\rb\u2028c\u202ed'), 'a [2J 31m b c d')
  const server = createServer((request, response) => {
    const text = JSON.stringify({ status: 'error', code: 'FORBIDDEN', message: '\x1b]0;owned\x07 no' })
    response.writeHead(request.url?.endsWith('/join') ? 403 : 404).end(text)
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const client = startClient(t, [`http://127.0.0.1:${port}/join/${'a'.repeat(26)}`])
  t.equal(await client.ended, 1)
  t.equal(client.text(), ']0;owned  no (FORBIDDEN).\n')
})

t.test('wrong links, unknown and full rooms, and a server that is not there are told apart', async (t) => {
  const app = await listen(t)
  const host = await app.user('en')
  const code = await app.room(host)
  await send(app.base, 'PATCH', `/api/v1/meetings/${code}/config`, { token: host.token, body: { max_participants: 2 } })
  await app.join(code, undefined, { display_name: 'Second' })
  const runs: { client: ReturnType<typeof startClient>; expected: RegExp }[] = []
  const nobody = `http://127.0.0.1:${await freePort()}`
  for (const [args, expected] of [
    [[], /^A join link is missing/],
    [['https://example.org/'], /^This is no join link/],
    [['ftp://example.org/join/aaaaaaaaaaaaaaaaaaaaaaaaaa'], /^This is no join link/],
    [[`${app.base}/join/${'a'.repeat(26)}`], /^There is no such meeting/],
    [[`${app.base}/join/${code}`, '--name', 'Third'], /^The meeting is full/],
    [[`${nobody}/join/${code}`], /^No server answers there/],
    [[`${app.base}/join/${code}`, '--token-file', '/nowhere'], /ENOENT/],
    [['--loud'], /--loud/],
  ] as [string[], RegExp][])
    runs.push({ client: startClient(t, args), expected })
  for (const { client, expected } of runs) {
    t.equal(await client.ended, 1)
    t.match(client.text(), expected)
    t.notMatch(client.text(), /\n\s+at /)
  }
})
