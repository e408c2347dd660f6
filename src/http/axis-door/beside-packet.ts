import { readBeside } from '../../axis/beside-packet.ts'
import type { FromGateway } from '../../intake/submission.ts'
import type { Asking } from './asking.ts'
import { invalid } from './read-fields.ts'

/**
 * What a gateway of this kind hands in beside a packet; undefined for every other system, whose headers of these names
 * count for nothing.
 * @throws GatewayError `request-invalid`
 */
export function fromGateway({ known: { system }, signed }: Asking): FromGateway | undefined {
  if (!system.rights.includes('gateway')) return undefined
  const seal = signed.get('tram-seal')
  const hops = signed.get('tram-hops')
  const read = readBeside({ ...(seal !== undefined && { seal }), ...(hops !== undefined && { hops }) })
  if (read === undefined)
    throw invalid(
      'tram-seal',
      undefined,
      'Dấu hoặc chặng đường của trục bạn không đọc được.',
      "The other gateway's seal or hops cannot be read.",
    )
  return { name: system.systemId, ...read }
}
