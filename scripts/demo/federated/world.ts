import { waitFor } from '../../../test/support/wait-for.ts'
import { approve, connectParticipant, type Draft, type Participant, submitDraft } from '../world.ts'
import type { Member } from './member.ts'
import { COMMUNE, type Pair, PROVINCE, WARD } from './pair.ts'

/** Both gateways at work, and the agencies of each: two ministries at the centre, three agencies of one province. */
export interface FederatedWorld {
  readonly pair: Pair
  readonly ministry: Participant
  readonly homeAffairs: Participant
  readonly province: Participant
  readonly ward: Participant
  readonly commune: Participant
}

/** What an auditor sees of a document: how it came, what it was judged by, and to whom it went. */
export interface DocumentOnRecord {
  readonly documentId: string
  readonly operation: string | null
  readonly packetSha256: string
  readonly cameBy: string | null
  readonly hops: readonly { readonly organId: string; readonly timestamp: string }[]
  readonly signatures: {
    readonly gatewaySeal?: { readonly state: string; readonly trust: string; readonly signerName?: string }
  }
  readonly deliveries: {
    readonly items: readonly {
      readonly id: string
      readonly recipient: string
      readonly state: string
      readonly channel: string
    }[]
  }
  readonly attempts: {
    readonly items: readonly {
      readonly recipient: string
      readonly state: string
      readonly detail: unknown
    }[]
  }
}

export async function connectAgencies(pair: Pair): Promise<FederatedWorld> {
  const at = (member: Member) => (agency: { code: string; name: string }) =>
    connectParticipant(member.as('admin'), member.ca, agency)
  const [central, local] = [at(pair.central), at(pair.province)]
  return {
    pair,
    ministry: await central({ code: 'G06', name: 'Bộ Khoa học và Công nghệ' }),
    homeAffairs: await central({ code: 'G09', name: 'Bộ Nội vụ' }),
    province: await local(PROVINCE),
    ward: await local(WARD),
    commune: await local(COMMUNE),
  }
}

/** A routing table, written by one administrator and approved by another; answers what became of it. */
export async function setTable(member: Member, content: readonly object[]): Promise<string> {
  const title = 'Bảng định tuyến · Routing table'
  const draft: Draft = await submitDraft(member.as('admin'), { kind: 'routing', title, content })
  const { state } = await approve(member.as('approver'), draft)
  return state
}

/** Everything that a gateway has on record under the sender's own DocumentId. */
export function onRecord(member: Member, edxmlDocumentId: string): Promise<DocumentOnRecord[]> {
  const auditor = member.as('auditor')
  const query = new URLSearchParams({ edxmlDocumentId })
  const look = async () => {
    const { items } = await auditor.get<{ items: { id: string }[] }>(`/auditor/v1/documents?${query}`)
    return Promise.all(items.map(({ id }) => auditor.get<DocumentOnRecord>(`/auditor/v1/documents/${id}`)))
  }
  // Asked again where a gateway is still coming up, or the machine is busy.
  return waitFor(look, 30_000, () => `the record of ${edxmlDocumentId}`)
}
