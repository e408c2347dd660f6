import { BlockList, isIP } from 'node:net'

const LISTS = new WeakMap<readonly string[], BlockList>()

/**
 * Whether an address lies in one of some networks; one that is shown as IPv6 (`::ffff:10.0.0.1`) counts as the IPv4
 * address that it is.
 * @param networks CIDR, or addresses alone; the list is read once and not changed afterwards
 * @param address as a socket shows it; what is no address lies nowhere
 */
export function inNetworks(networks: readonly string[], address: string | undefined): boolean {
  const [bare = ''] = (address ?? '').split('%')
  const kind = isIP(bare)
  if (kind === 0) return false
  let list = LISTS.get(networks)
  if (list === undefined) {
    list = listOf(networks)
    LISTS.set(networks, list)
  }
  return list.check(bare, kind === 6 ? 'ipv6' : 'ipv4')
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return list
}
