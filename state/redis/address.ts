export interface RedisAddress {
  /** `host:port` of each server that was named. */
  readonly servers: readonly string[]
  /** The address of one server, with the credentials, TLS and options of the whole. */
  urlOf(server: string): string
}

const PARTS = /^(rediss?:\/\/)([^/?#]*@)?([^@/?#\s]+)(\/\d*)?(\?[^#]*)?$/
const SERVER = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i
const DEFAULT_PORT = 6379

/**
 * Reads `redis://user:password@host:port`, or several servers of one cluster: `redis://user:password@a:7000,b:7000,c:7000`.
 * @returns null when it is no such address; a list may not choose a database, since a cluster has only one
 */
export function readRedisUrl(url: string): RedisAddress | null {
  const [, scheme, credentials = '', list = '', path = '', query = ''] = PARTS.exec(url) ?? []
  const servers = list.split(',').map(readServer)
  if (scheme === undefined || servers.includes(null)) return null
  if (servers.length === 1) {
    const [only] = servers as string[]
    return { servers: servers as string[], urlOf: (server) => (server === only ? url : at(server)) }
  }
  const chosen = path.slice(1)
  if (chosen !== '' && chosen !== '0') return null
  return { servers: [...new Set(servers as string[])], urlOf: at }

  function at(server: string): string {
    return `${scheme}${credentials}${server}${query}`
  }
}

function readServer(text: string): string | null {
  const [, host, port = DEFAULT_PORT] = SERVER.exec(text) ?? []
  return host === undefined || Number(port) < 1 || Number(port) > 65_535 ? null : `${host.toLowerCase()}:${port}`
}
