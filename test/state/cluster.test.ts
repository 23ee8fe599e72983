import { randomUUID } from 'node:crypto'
import t from 'tap'
import { limitKey, roomSeqKey, socketsKey } from '../../state/keys.ts'
import type { Limit } from '../../state/limiter.ts'
import { slotOf } from '../../state/redis/slots.ts'
import type { RoomEvent, TransientEvent } from '../../state/room-events.ts'
import type { State, Subject } from '../../state/state.ts'
import { startRedis } from '../support/redis.ts'
import { type ClusterServer, type RedisCluster, startRedisCluster } from '../support/redis-cluster.ts'
import { openRedisState, until } from '../support/states.ts'

type Heard = (RoomEvent | TransientEvent)[]

const LIMIT: Limit = { name: 'auth', max: 10, windowMs: 60_000 }
const someone = (): Subject => `u:${randomUUID()}`

/** A room whose keys one server holds, or does not. */
async function roomAt(cluster: RedisCluster, server: ClusterServer, isThere = true): Promise<string> {
  for (;;) {
    const room = randomUUID()
    if (((await cluster.ownerOf(roomSeqKey(room))) === server) === isThere) return room
  }
}

/** Somebody whose sockets are counted in that slot. */
function someoneAt(slot: number): Subject {
  for (;;) {
    const subject = someone()
    if (slotOf(socketsKey(subject)) === slot) return subject
  }
}

/** Appends until it succeeds: what a speaker does who says it again. */
async function appendAtLast(state: State, room: string, floor: number): Promise<RoomEvent> {
  for (;;) {
    try {
      return await state.roomEvents.append(room, { type: 'x' }, floor)
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

t.test('keys are in the slots that Redis says, and what one call touches is in one', async (t) => {
  const { primaries } = await startRedisCluster(t)
  for (const key of [
    '',
    'foo',
    'fm:{u:1}:a',
    '{}x',
    'a{}{b}',
    'a{b',
    '{a}{b}',
    'Grüße',
    limitKey('ip:2001:db8::/64', 'a', 'b'),
  ])
    t.equal(slotOf(key), await primaries[0]?.call('CLUSTER', 'KEYSLOT', key), key)
  const subject = someone()
  t.equal(slotOf(limitKey(subject, 'a', 'b')), slotOf(socketsKey(subject)))
})

t.test('one server of the cluster is enough to find the others, also one that holds no keys', async (t) => {
  const cluster = await startRedisCluster(t, { replica: true })
  for (const server of [cluster.primaries[1], cluster.replica]) {
    const state = await openRedisState(t, server?.url ?? '')
    t.equal(state.status(), 'up')
    for (let i = 0; i < 20; i++)
      t.match(await state.limiter.admit({ limits: [LIMIT], subject: someone() }), { admitted: true, degraded: false })
  }
})

t.test('several servers that are no cluster are refused, and nothing is spread over them', async (t) => {
  const [one, two] = await Promise.all([startRedis(t), startRedis(t)])
  const state = await openRedisState(t, `redis://127.0.0.1:${one.port},127.0.0.1:${two.port}`)
  t.equal(state.status(), 'down')
})

t.test('the credentials of the address are for every server', async (t) => {
  const cluster = await startRedisCluster(t)
  for (const server of cluster.primaries) await server.call('CONFIG', 'SET', 'requirepass', 'secret')
  const [first] = cluster.primaries
  const state = await openRedisState(t, `redis://:secret@127.0.0.1:${first?.port}`)
  t.equal(state.status(), 'up')
  t.equal((await openRedisState(t, cluster.url)).status(), 'down')
})

t.test(
  'a server killed: its keys are unavailable, the others serve on; back again, all is well by itself',
  async (t) => {
    // Else the others stop too, as soon as they know.
    const cluster = await startRedisCluster(t, { settings: ['--cluster-require-full-coverage', 'no'] })
    const [one, other] = await Promise.all([openRedisState(t, cluster.url), openRedisState(t, cluster.url)])
    const [victim] = cluster.primaries
    if (!victim) throw new Error('no server')
    const [lost, kept] = [await roomAt(cluster, victim), await roomAt(cluster, victim, false)]
    const heard: Record<string, Heard> = { lost: [], kept: [] }
    await other.roomEvents.subscribe(lost, (event) => heard.lost?.push(event))
    await other.roomEvents.subscribe(kept, (event) => heard.kept?.push(event))
    await one.roomEvents.append(lost, { type: 'x' })
    await until(() => heard.lost?.length === 1)
    let recoveries = 0
    other.onRecovered(() => recoveries++)

    await victim.kill()
    await until(() => one.status() === 'down' && other.status() === 'down')
    await t.rejects(one.roomEvents.append(lost, { type: 'x' }), { name: 'StateUnavailableError' })
    await one.roomEvents.append(kept, { type: 'x' })
    await until(() => heard.kept?.length === 1)
    t.same(await one.presence.enter(kept, 'ana', 's1', 2), 'entered')

    await victim.start()
    await until(() => one.status() === 'up' && other.status() === 'up' && recoveries > 0)
    const { seq } = await appendAtLast(one, lost, 1)
    t.equal(seq, 2, 'the server came back empty: the numbers go on')
    await until(() => heard.lost?.length === 2)
  },
)

t.test(
  'a server held up is taken for dead within the budget, and its replica takes over with what it holds',
  async (t) => {
    const cluster = await startRedisCluster(t, { replica: true })
    const [one, other] = await Promise.all([0, 1].map(() => openRedisState(t, cluster.url, { budgetMs: 500 })))
    const [victim] = cluster.primaries
    if (!victim || !one || !other) throw new Error('no server')
    const room = await roomAt(cluster, victim)
    const heard: Heard = []
    await other.roomEvents.subscribe(room, (event) => heard.push(event))
    await one.roomEvents.append(room, { type: 'x' })
    await until(() => heard.length === 1)
    await until(async () => Number(await cluster.replica?.call('DBSIZE')) > 0)
    let recoveries = 0
    other.onRecovered(() => recoveries++)

    victim.pause()
    await t.rejects(one.roomEvents.append(room, { type: 'x' }), { name: 'StateUnavailableError' })
    await until(() => one.status() === 'up' && other.status() === 'up' && recoveries > 0)
    t.equal((await appendAtLast(one, room, 0)).seq, 2)
    await until(() => heard.length === 2)
    t.same(
      (await other.roomEvents.after(room, 0)).events.map(({ seq }) => seq),
      [1, 2],
    )

    victim.resume()
    await cluster.whole()
    t.equal((await appendAtLast(one, room, 0)).seq, 3, 'it comes back as a replica, and nobody is misled')
    // What it was asked before it was held up it still says, under numbers that are taken: the hub drops those.
    await until(() => heard.some(({ seq }) => seq === 3))
  },
)

t.test('a planned failover loses nothing', async (t) => {
  const cluster = await startRedisCluster(t, { replica: true })
  const [one, other] = await Promise.all([openRedisState(t, cluster.url), openRedisState(t, cluster.url)])
  const [first] = cluster.primaries
  if (!first) throw new Error('no server')
  const room = await roomAt(cluster, first)
  const heard = new Set<number | undefined>()
  const listen = () => other.roomEvents.subscribe(room, ({ seq }) => heard.add(seq))
  await listen()
  // What the hub does: fetch what may have been missed.
  other.onRecovered(async () => {
    for (const { seq } of (await other.roomEvents.after(room, 0)).events) heard.add(seq)
  })
  let last = (await one.roomEvents.append(room, { type: 'x' })).seq
  await cluster.replica?.call('CLUSTER', 'FAILOVER')
  await until(async () => {
    last = (await appendAtLast(one, room, last)).seq
    return String(await cluster.replica?.call('ROLE')).startsWith('master')
  })
  for (let i = 0; i < 20; i++) last = (await appendAtLast(one, room, last)).seq
  await until(() => heard.size === last)
})

t.test('a slot that moves takes its keys and its listeners along', async (t) => {
  const cluster = await startRedisCluster(t)
  const [one, other] = await Promise.all([openRedisState(t, cluster.url), openRedisState(t, cluster.url)])
  const [from, to] = cluster.primaries
  if (!from || !to) throw new Error('no servers')
  const room = await roomAt(cluster, from)
  const [key, slot] = [roomSeqKey(room), slotOf(roomSeqKey(room))]
  const heard: Heard = []
  await other.roomEvents.subscribe(room, (event) => heard.push(event))
  let recoveries = 0
  other.onRecovered(() => recoveries++)
  await one.roomEvents.append(room, { type: 'x' })
  await until(() => heard.length === 1)

  const [fromId, toId] = await Promise.all([from, to].map((server) => server.call('CLUSTER', 'MYID')))
  await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(fromId))
  await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(toId))
  // A key of the slot that is not there yet is asked for at the new server.
  const newcomer = someoneAt(slot)
  t.equal(await one.socketLeases.acquire(newcomer, 'a', 1), true)
  t.equal(await other.socketLeases.acquire(newcomer, 'b', 1), false)
  t.equal(await to.call('CLUSTER', 'COUNTKEYSINSLOT', slot), 1)
  t.equal(one.status(), 'up')
  const keys = (await from.call('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[]
  t.ok(keys.includes(key))
  const moving = one.roomEvents.append(room, { type: 'x' })
  await from.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys)
  t.equal((await moving).seq, 2)
  t.equal((await one.roomEvents.append(room, { type: 'x' })).seq, 3)
  for (const server of [to, from, ...cluster.primaries.slice(2)])
    await server.call('CLUSTER', 'SETSLOT', slot, 'NODE', String(toId))
  t.equal((await one.roomEvents.append(room, { type: 'x' })).seq, 4)
  await until(() => recoveries > 0)
  t.equal(one.status(), 'up')
  const { seq } = await one.roomEvents.append(room, { type: 'x' })
  await until(() => heard.some((event) => event.seq === seq))
  t.same((await other.roomEvents.after(room, 0)).events.length, 5)
})
