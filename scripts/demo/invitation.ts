import type { Credentials } from './http-client.ts'

/** What the lines need to know of a gateway. */
export interface Guests {
  readonly baseUrl: string
  readonly ministry: Credentials
  readonly commune: Credentials
  /** The agency of that commune. */
  readonly communeCode: string
  readonly admin: Credentials
  readonly auditor: Credentials
}

export interface Invitation {
  readonly purpose: string
  /** Lines for a shell, one after the other; each needs those before it. */
  readonly lines: readonly string[]
}

const as = (name: string): string => `curl -s -H "Authorization: Bearer $${name}"`

/** What a reader may try now, ready to be copied. */
export function invitations(guests: Guests): Invitation[] {
  const { baseUrl, communeCode } = guests
  const token = (name: string, { clientId, clientSecret }: Credentials) =>
    `${name}=$(curl -s -u '${clientId}:${clientSecret}' -d grant_type=client_credentials ${baseUrl}/oauth2/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`
  return [
    {
      purpose: 'tokens: a commune, the ministry, an administrator, an auditor',
      lines: [
        token('COMMUNE', guests.commune),
        token('MINISTRY', guests.ministry),
        token('ADMIN', guests.admin),
        token('AUDITOR', guests.auditor),
      ],
    },
    {
      purpose: 'what lies in an inbox; what the ministry has sent; who waits; who has seen what',
      lines: [
        `${as('COMMUNE')} '${baseUrl}/v1/inbox'`,
        `${as('MINISTRY')} '${baseUrl}/v1/documents'`,
        `${as('ADMIN')} '${baseUrl}/admin/v1/health'`,
        `${as('AUDITOR')} '${baseUrl}/auditor/v1/documents?subject=lien%20thong'`,
        `${as('AUDITOR')} '${baseUrl}/auditor/v1/deliveries?statusCode=15'`,
      ],
    },
    {
      purpose: 'the ministry sends a letter with a file of yours to the commune',
      lines: [
        `${as('MINISTRY')} -F 'header=${JSON.stringify(letterTo(communeCode))};type=application/json' -F 'file=@README.md' ${baseUrl}/v1/documents`,
      ],
    },
  ]
}

const letterTo = (agency: string) => ({
  to: [{ organId: agency }],
  codeNumber: '200',
  codeNotation: 'BKHCN-VP',
  subject: 'Thư thử',
  promulgationDate: '2026/11/20',
  documentType: { typeName: 'Công văn' },
  signer: { fullName: 'Nguyễn Văn Mẫu' },
})
