import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { freePorts } from './ports.ts'
import { type RedisServer, startRedis } from './redis.ts'

export interface ClusterServer extends RedisServer {
  /** Runs one command on this server alone. */
  call(...command: (string | number)[]): Promise<unknown>
}

export interface RedisCluster {
  /** Names every server. */
  readonly url: string
  readonly primaries: readonly ClusterServer[]
  /** Of the first primary; only when asked for. */
  readonly replica: ClusterServer | null
  /** Resolves when every server says that the cluster is whole. */
  whole(): Promise<void>
  /** The primary that serves a key. */
  ownerOf(key: string): Promise<ClusterServer>
}

const SLOTS = 16_384
const ATTEMPTS = 5
/** How soon the servers think that one of them is gone. */
const NODE_TIMEOUT_MS = 2000

/** A real cluster of three primaries on loopback, and a replica of the first when asked for. Ended with the test. */
export async function startRedisCluster(
  t: Pick<Test, 'teardown'>,
  options: { replica?: boolean; settings?: readonly string[] } = {},
): Promise<RedisCluster> {
  const count = options.replica ? 4 : 3
  const servers = await Promise.all(Array.from({ length: count }, () => startMember(t, options.settings ?? [])))
  const primaries = servers.slice(0, 3).map(({ server }) => server)
  const [first] = servers
  if (!first) throw new Error('no servers')
  const share = Math.ceil(SLOTS / primaries.length)
  for (const [i, primary] of primaries.entries()) {
    await primary.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)
    await primary.call('CLUSTER', 'ADDSLOTSRANGE', i * share, Math.min((i + 1) * share, SLOTS) - 1)
  }
  for (const { server, busPort } of servers.slice(1))
    await first.server.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort)

  const replica = servers[3]?.server ?? null
  if (replica) {
    const id = String(await first.server.call('CLUSTER', 'MYID'))
    await eventually(async () => String(await replica.call('CLUSTER', 'NODES')).includes(id))
    await replica.call('CLUSTER', 'REPLICATE', id)
    await eventually(async () => String(await replica.call('INFO', 'replication')).includes('master_link_status:up'))
  }

  async function whole(): Promise<void> {
    for (const { server } of servers)
      await eventually(async () => {
        const [info, nodes] = [await server.call('CLUSTER', 'INFO'), await server.call('CLUSTER', 'NODES')]
        const known = String(nodes).trim().split('\n').length === servers.length
        return known && String(info).includes('cluster_state:ok') && !/fail|handshake|noaddr/.test(String(nodes))
      })
  }

  await whole()
  return {
    url: `redis://${servers.map(({ server }) => `127.0.0.1:${server.port}`).join(',')}`,
    primaries,
    replica,
    whole,
    async ownerOf(key) {
      const slot = Number(await first.server.call('CLUSTER', 'KEYSLOT', key))
      const owner = primaries[Math.floor(slot / share)]
      if (!owner) throw new Error('no owner')
      return owner
    },
  }
}

async function startMember(t: Pick<Test, 'teardown'>, settings: readonly string[]) {
  const { server, busPort } = await startOnFreePorts(t, settings)
  async function call(...command: (string | number)[]): Promise<unknown> {
    const [name = '', ...args] = command
    const redis = new Redis(server.port, '127.0.0.1', { lazyConnect: true, retryStrategy: null })
    redis.on('error', () => undefined)
    try {
      await redis.connect()
      return await redis.call(String(name), ...args)
    } finally {
      redis.disconnect()
    }
  }
  return { busPort, server: { ...server, call } }
}

/** Somebody else may have taken a port in the moment that it was free. */
async function startOnFreePorts(t: Pick<Test, 'teardown'>, settings: readonly string[]) {
  for (let attempt = 1; ; attempt++) {
    const [port = 0, busPort = 0] = await freePorts(2)
    const bus = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)]
    try {
      const server = await startRedis(t, { port, settings: [...bus, ...CLUSTER_SETTINGS, ...settings] })
      return { server, busPort }
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
    }
  }
}

const CLUSTER_SETTINGS = ['--cluster-node-timeout', String(NODE_TIMEOUT_MS), '--repl-diskless-sync-delay', '0']

/** Waits for the servers to agree; the test's own timeout ends a wait that never does. */
async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await sleep(20)
}
