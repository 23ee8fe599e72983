import type { ConnectionOptions } from './connection.ts'
import { type Connection, createConnection } from './connection.ts'

export type MessageListener = (message: string) => void

interface Channel {
  readonly listeners: Set<MessageListener>
  /** Settles with the SUBSCRIBE that is under way. */
  standing: Promise<unknown>
}

/** The connection that listens. Its channels are subscribed again on every new connection, before it counts as up. */
export interface Subscriber extends Pick<Connection, 'isUp' | 'onChange' | 'close'> {
  /** Resolves when the subscription stands. Throws StateUnavailableError. */
  subscribe(channel: string, listener: MessageListener): Promise<() => void>
  /** Listens for as long as the process lives, from whenever Redis is there. */
  listen(channel: string, listener: MessageListener): void
}

export function createSubscriber(options: Omit<ConnectionOptions, 'name' | 'prepare'>): Subscriber {
  const channels = new Map<string, Channel>()
  const connection = createConnection({
    ...options,
    name: 'subscriptions',
    prepare: async (redis) => (channels.size > 0 ? redis.subscribe(...channels.keys()) : undefined),
  })
  const { redis } = connection

  redis.on('message', (name: string, message: string) => {
    for (const listener of [...(channels.get(name)?.listeners ?? [])]) {
      try {
        listener(message)
      } catch (error) {
        options.logger.error({ err: error }, 'a listener of a Redis channel failed')
      }
    }
  })

  function remove(name: string, channel: Channel, listener: MessageListener): void {
    channel.listeners.delete(listener)
    if (channel.listeners.size > 0 || channels.get(name) !== channel) return
    channels.delete(name)
    if (connection.isUp()) redis.unsubscribe(name).catch(() => undefined)
  }

  return {
    isUp: connection.isUp,
    onChange: connection.onChange,
    close: connection.close,
    async subscribe(name, listener) {
      let channel = channels.get(name)
      if (!channel) {
        const standing = connection.run(() => redis.subscribe(name))
        channel = { listeners: new Set(), standing }
        channels.set(name, channel)
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
      channels.set(name, { listeners: new Set([listener]), standing: Promise.resolve() })
      if (connection.isUp()) connection.run(() => redis.subscribe(name)).catch(() => undefined)
    },
  }
}
