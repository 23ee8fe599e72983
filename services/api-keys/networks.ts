import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Range = ReturnType<typeof ipaddr.parseCIDR>

/** How many bits of an IPv6 address come before an IPv4 address that is mapped into it. */
const MAPPED_BITS = 96

/**
 * The one form of a network (`203.0.113.0/24`, an address as a network of one), or null for what is none. Bits behind the prefix are
 * dropped; IPv4 that is mapped into IPv6 becomes IPv4.
 */
export function canonicalNetwork(text: string): string | null {
  const [address = '', prefix, ...rest] = text.split('/')
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0) return null
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return null
  const given = ipaddr.parse(address)
  const bits = given.kind() === 'ipv4' ? 32 : 128
  const length = prefix === undefined ? bits : Number(prefix)
  if (length > bits) return null
  const plain = ipaddr.process(address)
  if (plain.kind() === given.kind()) return networkOf(plain, length)
  // A wider one holds IPv6 too, and is not the IPv4 that was meant.
  return length < MAPPED_BITS ? null : networkOf(plain, length - MAPPED_BITS)
}

function networkOf(address: ipaddr.IPv4 | ipaddr.IPv6, length: number): string {
  const cidr = `${address.toString()}/${length}`
  const network =
    address.kind() === 'ipv4' ? ipaddr.IPv4.networkAddressFromCIDR(cidr) : ipaddr.IPv6.networkAddressFromCIDR(cidr)
  return `${network.toString()}/${length}`
}

/** Whether an address is in one of the networks; when there are none, whether it comes from anywhere. */
export function createNetworkCheck(networks: readonly string[]): (address: string) => boolean {
  if (networks.length === 0) return () => true
  const ranges: Range[] = networks.map((network) => ipaddr.parseCIDR(network))
  return (address) => {
    if (isIP(address) === 0) return false
    const plain = ipaddr.process(address)
    return ranges.some(([network, length]) => network.kind() === plain.kind() && plain.match(network, length))
  }
}
