import { BlockList, isIPv6 } from 'node:net'

const LISTS = new Map<string, BlockList>()
const MOST_LISTS = 10_000

/** Whether an address lies in one of some networks (CIDR); in any where none is named. IPv4 in IPv6 counts as IPv4. */
export function callsFrom(networks: readonly string[], address: string): boolean {
  if (networks.length === 0) return true
  return listOf(networks).check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

function listOf(networks: readonly string[]): BlockList {
  const key = networks.join(' ')
  const known = LISTS.get(key)
  if (known !== undefined) return known
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', bits] = network.split('/')
    const type = isIPv6(base) ? 'ipv6' : 'ipv4'
    list.addSubnet(base, Number(bits ?? (type === 'ipv6' ? 128 : 32)), type)
  }
  if (LISTS.size >= MOST_LISTS) LISTS.clear()
  LISTS.set(key, list)
  return list
}
