import type { Redis } from 'ioredis'
import type { StateLogger } from './connection.ts'
import type { Member } from './topology.ts'

export type MessageListener = (message: string) => void

interface Channel {
  readonly listeners: Set<MessageListener>
  /** The server that the subscription stands at. */
  at: Member | null
  /** Settles with the first SUBSCRIBE; null for a channel that may wait for Redis. */
  standing: Promise<unknown> | null
}

export interface SubscriberOptions {
  logger: StateLogger
  /** Whether messages stay with the servers of the channel's slot (SSUBSCRIBE). */
  isSharded: () => boolean
  ownerOf: (channel: string) => Member | null
  /** Runs on the subscriptions' connection of the server that holds the channel. Throws StateUnavailableError. */
  run(channel: string, command: (redis: Redis) => Promise<unknown>): Promise<unknown>
  /** Subscriptions were lost at one server and stand at another: what was sent in between may be missing. */
  onMoved(): void
  /** The server says that it no longer serves channels. */
  onLost(): void
}

/** The channels this process listens to. They are subscribed again on every new connection, and where their slots have moved. */
export interface Subscriber {
  /** Resolves when the subscription stands. Throws StateUnavailableError. */
  subscribe(channel: string, listener: MessageListener): Promise<() => void>
  /** Listens for as long as the process lives, from whenever Redis is there. */
  listen(channel: string, listener: MessageListener): void
  prepare(member: Member, redis: Redis): Promise<void>
  /** Subscribes what does not stand where it should. */
  reconcile(): void
}

export function createSubscriber(options: SubscriberOptions): Subscriber {
  const { logger, isSharded, ownerOf, run, onMoved, onLost } = options
  const channels = new Map<string, Channel>()
  const known = new WeakSet<Redis>()
  let reconciling = false

  const join = (name: string) => (redis: Redis) => (isSharded() ? redis.ssubscribe(name) : redis.subscribe(name))
  const part = (name: string) => (redis: Redis) => (isSharded() ? redis.sunsubscribe(name) : redis.unsubscribe(name))

  function dispatch(name: string, message: string): void {
    for (const listener of [...(channels.get(name)?.listeners ?? [])]) {
      try {
        listener(message)
      } catch (error) {
        logger.error({ err: error }, 'a listener of a Redis channel failed')
      }
    }
  }

  function forget(member: Member): void {
    for (const channel of channels.values()) if (channel.at === member) channel.at = null
  }

  async function prepare(member: Member, redis: Redis): Promise<void> {
    if (!known.has(redis)) {
      known.add(redis)
      redis.on('message', dispatch).on('smessage', dispatch)
      redis.on('moved', () => {
        forget(member)
        onLost()
      })
    }
    forget(member)
    const own = [...channels].filter(([name]) => ownerOf(name) === member)
    if (isSharded()) await Promise.all(own.map(([name]) => redis.ssubscribe(name)))
    else if (own.length > 0) await redis.subscribe(...own.map(([name]) => name))
    for (const [, channel] of own) channel.at = member
  }

  async function stand(name: string, channel: Channel): Promise<void> {
    const owner = ownerOf(name)
    await run(name, join(name))
    channel.at = owner
  }

  function leave(member: Member | null, name: string): void {
    member?.subscriptions?.run(part(name)).catch(() => undefined)
  }

  function remove(name: string, channel: Channel, listener: MessageListener): void {
    channel.listeners.delete(listener)
    if (channel.listeners.size > 0 || channels.get(name) !== channel) return
    channels.delete(name)
    leave(channel.at, name)
  }

  async function move(name: string, channel: Channel): Promise<boolean> {
    const before = channel.at
    try {
      await stand(name, channel)
    } catch {
      return false
    }
    if (before !== channel.at) leave(before, name)
    if (channels.get(name) !== channel) leave(channel.at, name)
    return true
  }

  async function reconcile(): Promise<void> {
    if (reconciling) return
    reconciling = true
    try {
      const strays = [...channels].filter(([name, { at, standing }]) => {
        const owner = ownerOf(name)
        return standing === null && owner?.subscriptions?.isUp() && at !== owner
      })
      const moves = await Promise.all(strays.map(([name, channel]) => move(name, channel)))
      if (moves.includes(true)) onMoved()
    } finally {
      reconciling = false
    }
  }

  return {
    async subscribe(name, listener) {
      let channel = channels.get(name)
      if (!channel) {
        const made: Channel = { listeners: new Set(), at: null, standing: null }
        made.standing = stand(name, made).finally(() => {
          made.standing = null
        })
        channels.set(name, made)
        channel = made
      }
      channel.listeners.add(listener)
      try {
        await channel.standing
      } catch (error) {
        remove(name, channel, listener)
        throw error
      }
      const standing = channel
      return () => remove(name, standing, listener)
    },
    listen(name, listener) {
      channels.set(name, { listeners: new Set([listener]), at: null, standing: null })
      void reconcile()
    },
    prepare,
    reconcile: () => void reconcile(),
  }
}
