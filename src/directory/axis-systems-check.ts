import { isIPv4, isIPv6 } from 'node:net'
import { findCodes } from '../db/agencies.ts'
import type { Transaction } from '../db/pool.ts'
import type { AxisSystem } from '../domain/axis/axis-system.ts'
import type { Bilingual } from '../domain/bilingual.ts'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'

/** What an administrator says of a system. */
export type AxisSystemWish = Pick<
  AxisSystem,
  'agency' | 'serves' | 'rights' | 'networks' | 'certificateSha256' | 'clockToleranceSeconds'
>

/** Agencies that one system names; more stand beneath one of them. */
export const MOST_SERVED = 1_000
export const MOST_NETWORKS = 100
/** A year and a day: a client of the vendor's library signs with the time at which it was started. */
export const LONGEST_TOLERANCE_SECONDS = 366 * 86_400

/** @throws GatewayError `request-invalid` with everything that is wrong */
export async function checkAxisSystem(db: Transaction, wish: AxisSystemWish): Promise<void> {
  const faults = [...shapeFaults(wish), ...(await agencyFaults(db, wish))]
  if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
}

const SYSTEM_FAULTS = {
  'served-repeated': {
    vi: 'Mỗi cơ quan chỉ nêu một lần.',
    en: 'Each agency is named once.',
  },
  'served-too-many': {
    vi: `Một hệ thống nêu tối đa ${MOST_SERVED} cơ quan; dùng withBeneath cho cả nhánh.`,
    en: `A system names at most ${MOST_SERVED} agencies; withBeneath takes a whole branch.`,
  },
  'own-agency-not-served': {
    vi: 'Hệ thống phải phục vụ cơ quan của chính nó.',
    en: 'A system serves the agency that it belongs to.',
  },
  'agency-unknown': { vi: 'Mã cơ quan không có trong danh bạ.', en: 'No agency has this code.' },
  'network-malformed': {
    vi: 'Mạng viết theo CIDR, ví dụ 10.20.0.0/16 hoặc 2001:db8::/32; địa chỉ IPv4 viết dạng IPv4.',
    en: 'Networks are written as CIDR, such as 10.20.0.0/16 or 2001:db8::/32; those of IPv4 as IPv4.',
  },
  'networks-too-many': {
    vi: `Tối đa ${MOST_NETWORKS} mạng.`,
    en: `At most ${MOST_NETWORKS} networks.`,
  },
  'certificate-malformed': {
    vi: 'Chứng thư nêu bằng SHA-256 của DER: 64 ký tự hexa thường.',
    en: 'A certificate is named by the SHA-256 of its DER: 64 hex digits in lower case.',
  },
  'tolerance-out-of-range': {
    vi: `Độ lệch giờ từ 1 đến ${LONGEST_TOLERANCE_SECONDS} giây.`,
    en: `The tolerance of clocks is 1 to ${LONGEST_TOLERANCE_SECONDS} seconds.`,
  },
} as const satisfies Record<string, Bilingual>

const fault = (code: keyof typeof SYSTEM_FAULTS, path: string, found?: string): Fault => ({
  code,
  severity: 'error',
  path,
  ...(found !== undefined && { found }),
  hint: SYSTEM_FAULTS[code],
})

function shapeFaults(wish: AxisSystemWish): Fault[] {
  const { agency, serves, networks, certificateSha256, clockToleranceSeconds: tolerance } = wish
  const faults: Fault[] = []
  if (serves.length > MOST_SERVED) faults.push(fault('served-too-many', '#/serves'))
  if (new Set(serves.map(({ code }) => code)).size < serves.length)
    faults.push(fault('served-repeated', '#/serves'))
  if (!serves.some(({ code }) => code === agency))
    faults.push(fault('own-agency-not-served', '#/serves', agency))
  if (networks.length > MOST_NETWORKS) faults.push(fault('networks-too-many', '#/networks'))
  for (const [index, network] of networks.slice(0, MOST_NETWORKS).entries())
    if (!isNetwork(network)) faults.push(fault('network-malformed', `#/networks/${index}`, network))
  if (certificateSha256 !== null && !/^[0-9a-f]{64}$/.test(certificateSha256))
    faults.push(fault('certificate-malformed', '#/certificateSha256'))
  if (!Number.isSafeInteger(tolerance) || tolerance < 1 || tolerance > LONGEST_TOLERANCE_SECONDS)
    faults.push(fault('tolerance-out-of-range', '#/clockToleranceSeconds'))
  return faults
}

/**
 * CIDR, or an address alone. IPv4 that is written as IPv6 (::ffff:0:0/96) is no network here: addresses are compared as
 * IPv4, however the connection shows them.
 */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  if (more.length > 0 || address.includes('%')) return false
  const bits = isIPv4(address) ? 32 : isIPv6(address) && !isMapped(address) ? 128 : 0
  return bits > 0 && (prefix === undefined || (/^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= bits))
}

const isMapped = (address: string): boolean => /^[0:]*:ffff:/i.test(address)

/** By their codes and no aliases: what is kept must be the code itself. */
async function agencyFaults(db: Transaction, { agency, serves }: AxisSystemWish): Promise<Fault[]> {
  const named = serves
    .slice(0, MOST_SERVED)
    .map(({ code }, index) => ({ code, path: `#/serves/${index}/code` }))
  const asked = [{ code: agency, path: '#/agency' }, ...named]
  const codes = await findCodes(
    db,
    asked.map(({ code }) => code),
  )
  return asked
    .filter(({ code }) => codes.get(code) !== code)
    .map(({ code, path }) => fault('agency-unknown', path, code))
}
