import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

type Network = `${string}/${number}`

const isV6 = (address: string): boolean => isIP(address) === 6

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/')
    list.addSubnet(address, Number(prefix), isV6(address) ? 'ipv6' : 'ipv4')
  }
  return list
}

// Addresses that are not a recipient on a network of ours (IANA special-purpose registries).
const NOT_PUBLIC = blockList([
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24',
  '192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4',
  '240.0.0.0/4', '::/127', '64:ff9b::/96', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', 'fc00::/7',
  'fe80::/10', 'ff00::/8',
] satisfies Network[]) // biome-ignore format: a table

export interface AddressPolicy {
  permits(address: string): boolean
}

/**
 * Which addresses a push may go to: public ones, and the networks that the operator names (the government network is
 * a private one). Checked on the very address that is connected to, so that a name cannot mean one thing when it is
 * checked and another when it is used.
 * @param networks CIDR notation
 */
export function addressPolicy(networks: readonly string[]): AddressPolicy {
  const permitted = blockList(networks)
  const inside = (list: BlockList, address: string) => list.check(address, isV6(address) ? 'ipv6' : 'ipv4')
  return { permits: (address) => inside(permitted, address) || !inside(NOT_PUBLIC, address) }
}

export class AddressForbidden extends Error {
  constructor(hostname: string) {
    super(`${hostname} leads to an address that pushes may not go to`)
    this.name = 'AddressForbidden'
  }
}

/** A lookup for `net.connect` that gives only addresses which the policy permits. */
export function guardedLookup(policy: AddressPolicy): LookupFunction {
  return (hostname: string, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, [])
      const permitted = addresses.filter(({ address }) => policy.permits(address))
      const first = permitted[0]
      if (first === undefined) return callback(new AddressForbidden(hostname), [])
      if (options.all) callback(null, permitted)
      else callback(null, first.address, first.family)
    })
  }
}
