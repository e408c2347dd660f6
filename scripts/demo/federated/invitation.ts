import type { Credentials } from '../http-client.ts'
import { as, type Invitation, sendLetter, tokenAt } from '../invitation.ts'

/** One of the two gateways, and an agency whose system is connected to it. */
export interface Host {
  readonly baseUrl: string
  /** File with the environment of its processes. */
  readonly environmentFile: string
  readonly admin: Credentials
  readonly auditor: Credentials
  readonly agency: string
  readonly client: Credentials
}

/** What a reader may try with both gateways, ready to be copied: a commune under one, a ministry under the other. */
export function federatedInvitations(central: Host, province: Host): Invitation[] {
  const [atCentre, atProvince] = [tokenAt(central.baseUrl), tokenAt(province.baseUrl)]
  return [
    {
      purpose: 'tokens: a commune under the province, a ministry under the centre, and operators',
      lines: [
        atProvince('COMMUNE', province.client),
        atCentre('MINISTRY', central.client),
        atProvince('ADMIN', province.admin),
        atCentre('AUDITOR', central.auditor),
      ],
    },
    {
      purpose: 'the commune writes to the ministry, which is under the other gateway',
      lines: [sendLetter('COMMUNE', province.baseUrl, central.agency)],
    },
    {
      purpose:
        'a second later: what the commune sees of it, the inbox of the ministry, how the exchange stands',
      lines: [
        `${as('COMMUNE')} '${province.baseUrl}/v1/documents'`,
        `${as('MINISTRY')} '${central.baseUrl}/v1/inbox'`,
        `${as('AUDITOR')} '${central.baseUrl}/auditor/v1/documents?subject=thu%20thu'`,
        `${as('ADMIN')} '${province.baseUrl}/admin/v1/health'`,
      ],
    },
  ]
}

/** Commands of the operators of one gateway, each in a shell of its own. */
export const operatorLines = ({ environmentFile }: Host): string[] => {
  const within = `set -a; . ${environmentFile}; set +a`
  return [
    `(${within}; npx tram doctor)`,
    `(${within}; npx tram delivery list)`,
    `(${within}; npx tram axis arrivals)`,
  ]
}
