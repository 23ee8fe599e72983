import { isIP } from 'node:net'
import { readRedisUrl } from '../state/redis/address.ts'

/**
 * A check of one text: what is wrong with it, or null. The sentence follows the setting's name ("must be ...") and
 * never repeats the text, which may hold a password.
 */
type Check = (text: string) => string | null

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i
const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i
const MAILBOX = /^(?:[^<>@]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/

/** Networks wider than this would trust a good part of the internet to name any client address. */
const WIDEST_TRUSTED_NETWORK = 8

function url(protocols: readonly string[], what: string): Check {
  return (text) => {
    const parsed = URL.parse(text)
    const scheme = protocols.map((protocol) => `${protocol}//`).join(' or ')
    return parsed && protocols.includes(parsed.protocol) && parsed.hostname !== ''
      ? null
      : `must be ${what} (${scheme}host…)`
  }
}

/** Whether a text is an address of scheme, host and port alone. */
function isBare(text: string): boolean {
  const parsed = URL.parse(text)
  return parsed !== null && !text.includes('*') && parsed.origin === text.replace(/:(80|443)$/, '').toLowerCase()
}

function proxy(text: string): string | null {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = address.includes('%') ? 0 : isIP(address)
  const bits = family === 4 ? 32 : 128
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  if (family === 0 || rest.length > 0 || !(length <= bits))
    return 'must list addresses or CIDR networks, such as 10.0.0.0/8 (never a number of hops or true)'
  // A wide IPv6 network holds ::ffff:0:0/96, which is every IPv4 address.
  const mapped = family === 6 && /^::ffff:/i.test(address) && length <= 96 + WIDEST_TRUSTED_NETWORK - 1
  if (length < WIDEST_TRUSTED_NETWORK || mapped) return `must not trust a network wider than /${WIDEST_TRUSTED_NETWORK}`
  return null
}

/** An address to which paths are added. A key in it would be shown and logged with it. */
function isEngineUrl(text: string): boolean {
  const parsed = URL.parse(text)
  const isHttp = parsed !== null && /^https?:\/\//i.test(text) && parsed.hostname !== ''
  return isHttp && parsed.username === '' && parsed.password === '' && !/[?#]/.test(text)
}

/** As OpenTelemetry has it: values are percent-encoded. */
function isHeaderList(text: string): boolean {
  return text.split(',').every((pair) => /^\s*[\w!#$&'*+.^`|~-]+=(?:[!#-$&-+\--:<-~]|%[0-9A-Fa-f]{2})*\s*$/.test(pair))
}

/** Every check a setting can name. */
export const SHAPES = {
  host: (text) => (isIP(text) || HOST_NAME.test(text) ? null : 'must be an address or host name to listen on'),
  path: (text) => (text.includes('\0') ? 'must be a path' : null),
  'public-url': (text) =>
    /^https?:\/\//.test(text) && isBare(text.replace(/\/$/, ''))
      ? null
      : 'must be an http(s) address without a path, such as https://meet.example.org',
  origin: (text) =>
    text === '*' || (/^https?:\/\//i.test(text) && isBare(text))
      ? null
      : 'must list origins of scheme, host and port, without a path, such as https://app.example.org',
  'host-and-port': (text) => {
    const found = HOST_AND_PORT.exec(text)
    return found && Number(found[2] ?? 0) <= 65_535 ? null : 'must list host names, each with a port if need be'
  },
  proxy,
  'database-url': url(['postgres:', 'postgresql:'], 'a PostgreSQL address'),
  'redis-url': (text) =>
    readRedisUrl(text)
      ? null
      : 'must be a Redis address (redis:// or rediss://host…), or several servers of one cluster (redis://a:7000,b:7000)',
  'smtp-url': url(['smtp:', 'smtps:'], 'an SMTP address'),
  'engine-url': (text) =>
    isEngineUrl(text)
      ? null
      : 'must be an http(s) address without user, query and fragment (the key has a setting of its own)',
  model: (text) => (/^[\w./:@+-]{1,200}$/.test(text) ? null : 'must be a name without spaces'),
  'http-headers': (text) => (isHeaderList(text) ? null : 'must list headers, name=value, separated by commas'),
  ratio: (text) => (/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/.test(text) ? null : 'must be a ratio from 0 to 1, such as 0.1'),
  mailbox: (text) =>
    MAILBOX.test(text) ? null : 'must be an e-mail address, such as FluentMeet <no-reply@example.org>',
} as const satisfies Record<string, Check>

export type Shape = keyof typeof SHAPES
