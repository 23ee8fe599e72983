import { type Redis, ReplyError } from 'ioredis'
import type { RedisAddress } from './address.ts'
import { type Connection, createConnection, type StateLogger } from './connection.ts'
import { checkMember, readSlots, SLOTS, type SlotRange, slotOf } from './slots.ts'

/** A server that keys live on. */
export interface Member {
  readonly server: string
  readonly commands: Connection
  /** Null until it is known to hold keys. */
  readonly subscriptions: Connection | null
}

export interface TopologyOptions {
  address: RedisAddress
  logger: StateLogger
  budgetMs: number
  /** Subscribes to what belongs to the member, on a new connection. */
  prepareSubscriptions(member: Member, redis: Redis): Promise<void>
  /** Called when slots may have moved. */
  onSlots(): void
}

/** Which servers there are, and which of them holds a key: one server with all of them, or the primaries of a cluster. */
export interface Topology {
  /** The one server, when there is no cluster. */
  readonly sole: Member | null
  /** Null while nobody is known to serve the slot. */
  ownerOf(key: string): Member | null
  /** A redirection named this server: its member, also when it was not known before. */
  memberAt(server: string): Member
  /** Takes note that a slot is served elsewhere, and looks soon what else has moved. */
  moved(slot: number, server: string): void
  lookSoon(): void
  /** Whether every slot is served by a server that answers. */
  isUp(): boolean
  onChange(listener: (isUp: boolean) => void): void
  close(): void
}

const TICK_MS = 1000
/** Of so many ticks one looks for changes although all is well. */
const LOOK_EVERY = 10
const LOOK_BUDGET_MS = 2000
const SOON_MS = 100
const NO_CLUSTER = /cluster support disabled|unknown (sub)?command|NOPERM/i

interface OpenMember extends Member {
  subscriptions: Connection | null
}

/**
 * Connects to the servers of the address and finds out whether they are a cluster; of one it follows who serves what, through
 * failovers and moved slots. A server that is in no cluster is used alone, unless several were named.
 */
export function createTopology(options: TopologyOptions): Topology {
  const { address, logger, budgetMs, prepareSubscriptions, onSlots } = options
  const members = new Map<string, OpenMember>()
  const listeners: ((isUp: boolean) => void)[] = []
  let sole: OpenMember | null = null
  let owners: (OpenMember | undefined)[] = []
  let serving: ReadonlySet<OpenMember> = new Set()
  let whole = false
  let wasUp = false
  let closed = false
  let looking = false
  let soon: NodeJS.Timeout | undefined
  let ticks = 0

  const isCluster = () => owners.length > 0
  const isMemberUp = ({ commands, subscriptions }: Member) => commands.isUp() && subscriptions?.isUp() === true

  function isUp(): boolean {
    if (sole) return isMemberUp(sole)
    return whole && [...serving].every(isMemberUp)
  }

  function changed(): void {
    const up = isUp()
    if (up === wasUp || closed) return
    wasUp = up
    for (const listener of listeners) listener(up)
  }

  function open(server: string): OpenMember {
    const member: OpenMember = {
      server,
      commands: createConnection({
        url: address.urlOf(server),
        name: 'commands',
        logger,
        budgetMs,
        prepare: (redis) => greet(member, redis),
        check: (redis) => (isCluster() ? checkMember(redis) : redis.ping()),
      }),
      subscriptions: null,
    }
    member.commands.onChange(changed)
    members.set(server, member)
    return member
  }

  /** Also connects for subscriptions: the member holds keys. */
  function serve(member: OpenMember): OpenMember {
    if (member.subscriptions) return member
    member.subscriptions = createConnection({
      url: address.urlOf(member.server),
      name: 'subscriptions',
      logger,
      budgetMs,
      prepare: (redis) => prepareSubscriptions(member, redis),
    })
    member.subscriptions.onChange(changed)
    return member
  }

  function drop(member: OpenMember): void {
    members.delete(member.server)
    member.commands.close()
    member.subscriptions?.close()
  }

  async function greet(member: OpenMember, redis: Redis): Promise<void> {
    if (sole) return
    const ranges = await readSlots(redis).catch((error: unknown) => {
      if (!(error instanceof ReplyError) || !NO_CLUSTER.test((error as Error).message)) throw error
      if (isCluster() || address.servers.length > 1) throw new Error('the server is in no cluster', { cause: error })
      return null
    })
    if (ranges) {
      await checkMember(redis)
      if (!closed) adopt(ranges)
    } else if (!closed) {
      sole = serve(member)
    }
  }

  /** Takes over who serves what: connects to servers that are new, leaves those that serve nothing. */
  function adopt(ranges: readonly SlotRange[]): void {
    const next = new Array<OpenMember | undefined>(SLOTS).fill(undefined)
    const kept = new Set<OpenMember>()
    for (const { first, last, server } of ranges) {
      const member = serve(members.get(server) ?? open(server))
      kept.add(member)
      next.fill(member, first, last + 1)
    }
    for (const member of members.values()) if (!kept.has(member)) drop(member)
    owners = next
    serving = kept
    whole = !next.includes(undefined)
    onSlots()
    changed()
  }

  /** Asks the servers that answer, until one tells. */
  async function look(): Promise<void> {
    if (looking || closed || !isCluster()) return
    looking = true
    try {
      for (const { commands } of [...members.values()].filter(({ commands }) => commands.isUp())) {
        const ranges = await commands.run(readSlots, LOOK_BUDGET_MS).catch(() => null)
        if (ranges && commands.isUp() && !closed) return adopt(ranges)
      }
      // None is left that is known: those that were named at first may lead to the new ones, and are dropped again if they only led.
      if (!closed) for (const server of address.servers) if (!members.has(server)) open(server)
    } finally {
      looking = false
    }
  }

  function lookSoon(): void {
    soon ??= setTimeout(() => {
      soon = undefined
      void look()
    }, SOON_MS)
  }

  const timer = setInterval(() => {
    if (!isUp() || ++ticks % LOOK_EVERY === 0) void look()
    onSlots()
  }, TICK_MS)
  timer.unref()

  for (const server of address.servers) open(server)

  return {
    get sole() {
      return sole
    },
    ownerOf: (key) => sole ?? owners[slotOf(key)] ?? null,
    memberAt: (server) => serve(members.get(server) ?? open(server)),
    moved(slot, server) {
      const member = serve(members.get(server) ?? open(server))
      owners[slot] = member
      serving = new Set([...serving, member])
      lookSoon()
    },
    lookSoon,
    isUp,
    onChange: (listener) => void listeners.push(listener),
    close() {
      closed = true
      clearInterval(timer)
      clearTimeout(soon)
      for (const member of members.values()) drop(member)
    },
  }
}
