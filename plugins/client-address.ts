import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** An address as people write it: an IPv4 address mapped into IPv6 is the IPv4 address. */
export function normaliseAddress(address: string | undefined): string {
  if (!address) return 'unknown'
  if (isIPv4(address)) return address
  return isIPv6(address) ? ipaddr.process(address).toString() : 'unknown'
}

/** Whom an address stands for when it is limited: the IPv4 address, or the /64 that one IPv6 customer has. */
export function addressGroup(address: string | undefined): string {
  const normal = normaliseAddress(address)
  if (normal === 'unknown' || isIPv4(normal)) return normal
  const parts = ipaddr.IPv6.parse(normal).parts.slice(0, 4)
  return `${parts.map((part) => part.toString(16)).join(':')}::/64`
}

/** True for the machine itself. */
export function isLoopback(address: string | undefined): boolean {
  const normal = normaliseAddress(address)
  return normal !== 'unknown' && ipaddr.process(normal).range() === 'loopback'
}
