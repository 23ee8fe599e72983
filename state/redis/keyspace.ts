import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { StateUnavailableError } from '../state.ts'
import { readRedisUrl } from './address.ts'
import type { Connection, StateLogger } from './connection.ts'
import { createDedicated, type Dedicated } from './dedicated.ts'
import { redirectionOf } from './slots.ts'
import { createSubscriber, type Subscriber } from './subscriber.ts'
import { createTopology, type Member } from './topology.ts'

/** Redis as the parts of the state see it, whether it is one server or a cluster. */
export interface Keyspace extends Pick<Subscriber, 'subscribe' | 'listen'> {
  /**
   * Runs a command on the server that holds the key. In a cluster it may run again elsewhere, when it was refused because the key has
   * moved. Throws StateUnavailableError: at once while that server is down, or when it fails.
   */
  run<T>(key: string, command: (redis: Redis) => Promise<T>, budgetMs?: number): Promise<T>
  /** A connection of its own to the server that holds the key, made when it is first used. Closed with the rest. */
  dedicated(key: string): Dedicated
  /** Sends a message to whoever listens to the channel. Throws StateUnavailableError. */
  publish(channel: string, message: string, budgetMs?: number): Promise<unknown>
  /** Whether messages are published with SPUBLISH. */
  isSharded(): boolean
  /** Whether all of it answers. */
  isUp(): boolean
  onChange(listener: (isUp: boolean) => void): void
  /** Calls the listener when subscriptions were cut although all of it answered: messages may have been missed. */
  onMoved(listener: () => void): void
  close(): void
}

/** How often a command is sent on, and how long it waits before it tries the same server or a new one again. */
const MAX_HOPS = 8
const PAUSE_MS = 5

/** Connects to `url`, as readRedisUrl reads it. */
export function createKeyspace(options: { url: string; logger: StateLogger; budgetMs: number }): Keyspace {
  const { url, logger, budgetMs } = options
  const address = readRedisUrl(url)
  if (!address) throw new TypeError('not an address of Redis')
  const { urlOf } = address
  const movedListeners: (() => void)[] = []
  const own: Dedicated[] = []

  const subscriber = createSubscriber({
    logger,
    isSharded: () => topology.sole === null,
    ownerOf: (channel) => topology.ownerOf(channel),
    run: (channel, command) => follow('subscriptions', channel, command, budgetMs),
    onMoved: () => {
      for (const listener of movedListeners) listener()
    },
    onLost: () => topology.lookSoon(),
  })
  const topology = createTopology({
    address,
    logger,
    budgetMs,
    prepareSubscriptions: subscriber.prepare,
    onSlots: subscriber.reconcile,
  })

  async function follow<T>(
    part: 'commands' | 'subscriptions',
    key: string,
    command: (redis: Redis) => Promise<T>,
    budget: number,
  ): Promise<T> {
    const until = performance.now() + budget
    let member: Member | null = topology.ownerOf(key)
    let isAsking = false
    for (let hop = 0; ; hop++) {
      const connection: Connection | null = member?.[part] ?? null
      if (!connection) throw new StateUnavailableError('no server is known for the key')
      const asks = isAsking
      const send = (redis: Redis) => {
        if (asks) redis.asking().catch(() => undefined)
        return command(redis)
      }
      try {
        return await connection.run(send, Math.max(1, until - performance.now()))
      } catch (error) {
        const redirection = redirectionOf((error as Error).cause, connection.redis)
        if (!redirection || hop === MAX_HOPS) throw error
        const { kind, slot, server } = redirection
        if (kind === 'moved') topology.moved(slot, server)
        if (kind === 'again') await sleep(PAUSE_MS)
        else member = topology.memberAt(server)
        isAsking = kind === 'ask' || (kind === 'again' && isAsking)
        // One that was not known before is given the time to connect that this command has.
        while (!member?.[part]?.isUp() && performance.now() < until) await sleep(PAUSE_MS)
        if (performance.now() >= until) throw error
      }
    }
  }

  function run<T>(key: string, command: (redis: Redis) => Promise<T>, budget = budgetMs): Promise<T> {
    const { sole } = topology
    return sole ? sole.commands.run(command, budget) : follow('commands', key, command, budget)
  }

  function dedicated(key: string): Dedicated {
    const made = createDedicated({
      key,
      topology,
      urlOf,
      logger,
      beside: (command) => run(key, command),
    })
    own.push(made)
    return made
  }

  return {
    run,
    dedicated,
    publish: (channel, message, budget) =>
      run<unknown>(
        channel,
        (redis) => (topology.sole ? redis.publish(channel, message) : redis.spublish(channel, message)),
        budget,
      ),
    subscribe: subscriber.subscribe,
    listen: subscriber.listen,
    isSharded: () => topology.sole === null,
    isUp: topology.isUp,
    onChange: topology.onChange,
    onMoved: (listener) => void movedListeners.push(listener),
    close() {
      for (const connection of own) connection.close()
      topology.close()
    },
  }
}
