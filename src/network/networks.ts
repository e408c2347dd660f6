import { BlockList, isIP } from 'node:net'

const LISTS = new Map<string, BlockList>()
const MOST_LISTS = 10_000

/**
 * Whether an address lies in one of some networks; one that is shown as IPv6 (`::ffff:10.0.0.1`) counts as the IPv4
 * address that it is.
 * @param networks CIDR, or addresses alone
 * @param address as a socket shows it; what is no address lies nowhere
 */
export function inNetworks(networks: readonly string[], address: string | undefined): boolean {
  const [bare = ''] = (address ?? '').split('%')
  const kind = isIP(bare)
  if (kind === 0) return false
  return listOf(networks).check(bare, kind === 6 ? 'ipv6' : 'ipv4')
}

/** Kept by what they say: who asks reads its networks anew from time to time. */
function listOf(networks: readonly string[]): BlockList {
  const key = networks.join(' ')
  const known = LISTS.get(key)
  if (known !== undefined) return known
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  if (LISTS.size >= MOST_LISTS) LISTS.clear()
  LISTS.set(key, list)
  return list
}
