import { waitFor } from '../../test/support/wait-for.ts'
import type { Dms, InboxItem } from './dms.ts'
import { writeLetter } from './letter.ts'
import type { Narrator } from './narrator.ts'
import type { World } from './world.ts'

type Chapter = (world: World, narrator: Narrator) => Promise<void>

export const isDocument = (edxmlDocumentId: string) => (item: InboxItem) =>
  item.kind === 'document' && item.edxmlDocumentId === edxmlDocumentId

/** What an agency's system does with something new: take it, check it, keep it, say so. */
export async function take(
  dms: Dms,
  edxmlDocumentId: string,
  sent: Buffer,
  narrator: Narrator,
): Promise<InboxItem> {
  const item = await dms.expectItem(edxmlDocumentId, isDocument(edxmlDocumentId))
  const bytes = await dms.fetch(item)
  narrator.expect(
    `${dms.name} got exactly the bytes that were sent (${bytes.length} bytes)`,
    bytes.equals(sent),
  )
  await dms.acknowledge(item)
  return item
}

/** Waits until the status of one recipient lies in the sender's own inbox, and takes it like any other item. */
export async function expectStatus(sender: Dms, from: Dms, code: string): Promise<void> {
  const item = await sender.expectItem(
    `status ${code} of ${from.agency}`,
    ({ kind, sender: author, statusCode }) =>
      kind === 'status' && author === from.agency && statusCode === code,
  )
  await sender.fetch(item)
  await sender.acknowledge(item)
}

/** The worker puts it on the gateway's seal within seconds, and the timeline tells of it. */
async function expectTimestamp(sender: Dms, documentId: string, narrator: Narrator): Promise<void> {
  const levels = async () => {
    const { items } = await sender.timeline(documentId)
    return items.flatMap(({ entries }) => entries.map(({ detail }) => detail.level))
  }
  const stamped = await waitFor(async () => (await levels()).includes('B-T')).catch(() => false)
  narrator.expect("the gateway's seal has a timestamp (XAdES B-T)", stamped)
}

const mainJob: Chapter = async ({ ministry, province, ward, commune }, narrator) => {
  narrator.chapter('1. A ministry writes to a province and two communes / Bộ gửi tỉnh và hai xã')
  const letter = await writeLetter(ministry, {
    number: '101',
    notation: 'BKHCN-VP',
    subject: 'V/v kết nối, liên thông văn bản điện tử',
    to: [province, ward, commune],
    priority: 1,
  })
  const accepted = await ministry.submit(letter.packet)
  narrator.expect('accepted, with a sealed receipt', accepted.receipt.split('.').length === 3)
  narrator.expect(
    'signed by person and agency: the value of an original',
    accepted.legalValue === 'agency-and-person',
    accepted.legalValue,
  )
  const unfollow = narrator.follow(ministry, accepted.documentId)
  const again = await ministry.submit(letter.packet)
  narrator.expect('the same submission again gets the same receipt', again.receipt === accepted.receipt)

  const atProvince = await take(province, letter.edxmlDocumentId, letter.packet, narrator)
  for (const [code, text] of [
    ['01', 'Phần mềm đã nhận'],
    ['03', 'Đã vào sổ văn bản đến số 2045'],
    ['05', 'Giao Sở Khoa học và Công nghệ xử lý'],
    ['06', 'Đã xử lý xong'],
  ] as const) {
    await province.report(atProvince, code, text)
    await expectStatus(ministry, province, code)
  }
  const atWard = await take(ward, letter.edxmlDocumentId, letter.packet, narrator)
  await ward.report(atWard, '02', 'Văn bản không thuộc thẩm quyền giải quyết của phường')
  await expectStatus(ministry, ward, '02')
  const atCommune = await take(commune, letter.edxmlDocumentId, letter.packet, narrator)
  await commune.report(atCommune, '01', 'Phần mềm đã nhận')
  await commune.report(atCommune, '03', 'Đã tiếp nhận')
  await expectStatus(ministry, commune, '03')

  await unfollow()
  const { state, deliveries } = await ministry.sent(accepted.documentId)
  const status = Object.fromEntries(deliveries.items.map((one) => [one.agency, one.processingStatus]))
  narrator.expect(`${province.name} finished (06)`, status[province.agency] === '06', status)
  narrator.expect(`${ward.name} refused (02), with its reason`, status[ward.agency] === '02', status)
  narrator.expect(`${commune.name} accepted (03)`, status[commune.agency] === '03', status)
  narrator.expect('every recipient has it', state === 'delivered', state)
  await expectTimestamp(ministry, accepted.documentId, narrator)
}

const upwards: Chapter = async ({ ministry, commune }, narrator) => {
  narrator.chapter('2. A commune answers upwards / Xã trả lời Bộ')
  const letter = await writeLetter(commune, {
    number: '12',
    notation: 'UBND-VP',
    subject: 'V/v trả lời Công văn số 101/BKHCN-VP',
    to: [ministry],
    responseFor: [{ organId: ministry.signer.code as never, code: '101/BKHCN-VP' }],
  })
  const { documentId } = await commune.submit(letter.packet)
  const unfollow = narrator.follow(commune, documentId)
  const item = await take(ministry, letter.edxmlDocumentId, letter.packet, narrator)
  await ministry.report(item, '03', 'Đã tiếp nhận')
  await expectStatus(commune, ministry, '03')
  await unfollow()
}

const recalls: Chapter = async ({ ministry, ward, commune }, narrator) => {
  narrator.chapter('3. A recall, before hand-over for one and after it for the other / Thu hồi')
  const letter = await writeLetter(ministry, {
    number: '102',
    notation: 'BKHCN-VP',
    subject: 'V/v văn bản ban hành nhầm',
    to: [ward, commune],
  })
  const { documentId } = await ministry.submit(letter.packet)
  const unfollow = narrator.follow(ministry, documentId)
  await take(commune, letter.edxmlDocumentId, letter.packet, narrator)
  const inWard = await ward.expectItem(letter.edxmlDocumentId, isDocument(letter.edxmlDocumentId))
  const recall = await ministry.recall(documentId, 'Ban hành nhầm, đề nghị hủy bỏ')
  narrator.expect(
    `withdrawn from ${ward.name} for certain`,
    recall.withdrawn.some(({ agency }) => agency === ward.agency),
    recall,
  )
  narrator.expect(
    `${commune.name} already has it and is asked`,
    recall.asked.some(({ agency }) => agency === commune.agency),
    recall,
  )
  const fetched = await ward.fetch(inWard).then(
    () => 'fetched',
    (error: { status?: number }) => error.status,
  )
  narrator.expect(`${ward.name} can no longer fetch it (410)`, fetched === 410, fetched)
  const request = await commune.expectItem('the recall', (item) => item.operation === 'recall')
  await commune.fetch(request)
  await commune.acknowledge(request)
  await commune.report(request, '15', 'Đã hủy bỏ văn bản')
  await expectStatus(ministry, commune, '15')
  await unfollow()
  const { deliveries } = await ministry.sent(documentId)
  const state = Object.fromEntries(deliveries.items.map((one) => [one.agency, one.requestState ?? one.state]))
  narrator.expect(
    'both ends of the recall are on record',
    state[ward.agency] === 'withdrawn' && state[commune.agency] === 'agreed',
    state,
  )
}

const refusals: Chapter = async ({ ministry, province, closedDistrict }, narrator) => {
  narrator.chapter('4. What the gateway refuses / Những gì trục từ chối')
  const tampered = await writeLetter(
    ministry,
    { number: '103', notation: 'BKHCN-VP', subject: 'V/v văn bản bị sửa sau khi ký', to: [province] },
    (pdf) => changeOneByte(pdf),
  )
  await expectRefusal(
    ministry,
    tampered.packet,
    'signature-invalid',
    'a document changed after signing',
    narrator,
  )
  const toDistrict = await writeLetter(ministry, {
    number: '104',
    notation: 'BKHCN-VP',
    subject: 'V/v gửi huyện đã kết thúc hoạt động',
    to: [{ agency: closedDistrict, name: 'UBND huyện Hòa Vang' }, province],
  })
  await expectRefusal(
    ministry,
    toDistrict.packet,
    'recipients-unresolvable',
    'a district that closed on 1 July 2025',
    narrator,
  )
  const secret = await writeLetter(ministry, {
    number: '105',
    notation: 'BKHCN-VP',
    subject: 'V/v phương án bảo vệ',
    to: [province],
    lines: ['TUYỆT MẬT', 'Phương án'],
  })
  await expectRefusal(
    ministry,
    secret.packet,
    'state-secret',
    'a stamp of state secrecy in the text of the PDF',
    narrator,
  )
  const impostor = await writeLetter(province, {
    number: '9',
    notation: 'UBND',
    subject: 'V/v mạo danh',
    to: [ministry],
  })
  await expectRefusal(
    ministry,
    impostor.packet,
    'sender-mismatch',
    'a sender that is not the caller',
    narrator,
  )
}

/** A byte in the page's text, well away from the signatures. */
function changeOneByte(pdf: Uint8Array): Uint8Array {
  const changed = Buffer.from(pdf)
  const at = changed.indexOf('Tj')
  if (at < 0) throw new Error('no text in the PDF')
  changed[at - 4] = changed[at - 4] === 0x31 ? 0x32 : 0x31
  return changed
}

async function expectRefusal(
  sender: Dms,
  packet: Buffer,
  code: string,
  what: string,
  narrator: Narrator,
): Promise<void> {
  const { status, body } = await sender.trySubmit(packet)
  narrator.expect(
    `refused: ${what} (${status} ${String(body.code)})`,
    status >= 400 && status < 500 && body.code === code,
    body,
  )
  const faults = (body.errors ?? []) as { hint?: { vi?: string } }[]
  for (const { hint } of faults.slice(0, 3)) if (hint?.vi) narrator.say(`    ${hint.vi}`)
}

/** The main job, chapter by chapter, seen through the public API alone. */
export const CHAPTERS: readonly Chapter[] = [mainJob, upwards, recalls, refusals]
