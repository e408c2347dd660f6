import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

type Network = `${string}/${number}`

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/')
    list.addSubnet(address, Number(prefix), familyOf(address))
  }
  return list
}

// IPv4 and what IPv6 has of it (::ffff:0:0/96, which BlockList reads as IPv4), and the one range of IPv6 from which
// public addresses are given out. Whatever lies outside is not public.
const GIVEN_OUT = blockList(['0.0.0.0/0', '2000::/3'] satisfies Network[])

// Within those: addresses that are not a recipient on a network of ours (IANA special-purpose registries).
const NOT_PUBLIC = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
] satisfies Network[])

export interface AddressPolicy {
  permits(address: string): boolean
}

/**
 * Which addresses a request to others may go to: public ones, and the networks that the operator names (the government network is
 * a private one). Checked on the very address that is connected to, so that a name cannot mean one thing when it is
 * checked and another when it is used.
 * @param networks CIDR notation
 */
export function addressPolicy(networks: readonly string[]): AddressPolicy {
  const permitted = blockList(networks)
  const inside = (list: BlockList, address: string) => list.check(address, familyOf(address))
  return {
    permits: (address) =>
      inside(permitted, address) || (inside(GIVEN_OUT, address) && !inside(NOT_PUBLIC, address)),
  }
}

export class AddressForbidden extends Error {
  constructor(hostname: string) {
    super(`${hostname} leads to an address that requests may not go to`)
    this.name = 'AddressForbidden'
  }
}

/** Gives all addresses of a name, as `dns.lookup` does with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** A lookup for `net.connect` that gives only addresses which the policy permits. */
export function guardedLookup(policy: AddressPolicy, resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      const permitted = addresses.filter(({ address }) => policy.permits(address))
      const first = permitted[0]
      if (first === undefined) return callback(new AddressForbidden(hostname), [])
      if (options.all) callback(null, permitted)
      else callback(null, first.address, first.family)
    })
  }
}
