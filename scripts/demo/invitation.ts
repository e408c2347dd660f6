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

/** The beginning of a line that asks with the token of a variable. */
export const as = (name: string): string => `curl -s -H "Authorization: Bearer $${name}"`

/** A line that puts a token into a variable. */
export const tokenAt =
  (baseUrl: string) =>
  (name: string, { clientId, clientSecret }: Credentials): string =>
    `${name}=$(curl -s -u '${clientId}:${clientSecret}' -d grant_type=client_credentials ${baseUrl}/oauth2/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`

/** A line that sends a letter with the README to an agency, as whoever has the token of a variable. */
export const sendLetter = (name: string, baseUrl: string, to: string): string =>
  `${as(name)} -F 'header=${JSON.stringify(letterTo(to))};type=application/json' -F 'file=@README.md' ${baseUrl}/v1/documents`

/** What a reader may try now, ready to be copied. */
export function invitations(guests: Guests): Invitation[] {
  const { baseUrl, communeCode } = guests
  const token = tokenAt(baseUrl)
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
      lines: [sendLetter('MINISTRY', baseUrl, communeCode)],
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
