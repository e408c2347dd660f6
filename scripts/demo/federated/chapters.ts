import { waitFor } from '../../../test/support/wait-for.ts'
import type { Dms, InboxItem } from '../dms.ts'
import { type Letter, type WrittenLetter, writeLetter } from '../letter.ts'
import type { Narrator } from '../narrator.ts'
import { expectStatus, isDocument } from '../scenario.ts'
import type { Participant } from '../world.ts'
import type { Ledger } from './ledger.ts'
import type { Member } from './member.ts'
import { CENTRE, PROVINCE } from './pair.ts'
import { type FederatedWorld, onRecord, setTable } from './world.ts'

type Chapter = (world: FederatedWorld, narrator: Narrator, ledger: Ledger) => Promise<void>

/** What the province keeps and what it hands on: everybody who is not its own is reached by the centre. */
const PROVINCE_TABLE = [
  { id: 'at-home', under: PROVINCE.code, channel: 'mailbox' },
  { id: 'to-the-centre', channel: 'gateway', gateway: CENTRE.code },
]

const letterOf = (from: Participant, to: Letter['to'], number: string, subject: string, more = {}) =>
  writeLetter(from, {
    number,
    notation: from.agency === 'G06' ? 'BKHCN-VP' : 'UBND-VP',
    subject,
    to,
    ...more,
  })

/** Takes a document that came over, looks how it came, and puts it into the ledger. */
async function takeOver(
  at: Member,
  from: Participant,
  dms: Dms,
  letter: WrittenLetter,
  ledger: Ledger,
): Promise<InboxItem> {
  const { edxmlDocumentId } = letter
  const item = await dms.expectItem(edxmlDocumentId, isDocument(edxmlDocumentId))
  const bytes = await dms.fetch(item)
  await dms.acknowledge(item)
  const records = await onRecord(at, edxmlDocumentId)
  const record = records.find(({ documentId }) => documentId === item.documentId)
  const own = records.flatMap(({ operation, deliveries }) =>
    operation === 'new' ? deliveries.items.filter(({ recipient }) => recipient === dms.agency) : [],
  )
  ledger.push({
    document: edxmlDocumentId,
    from: from.agency,
    to: dms.agency,
    way: [...(record?.hops ?? []).map(({ organId }) => organId), at.plan.agency.code].join(' → '),
    bytesEqual: bytes.equals(letter.packet),
    sealVerified:
      record?.signatures.gatewaySeal?.state === 'valid' && record.signatures.gatewaySeal.trust === 'trusted',
    times: own.length,
  })
  return item
}

/** The last of the ledger, as an expectation. */
function expectLast(ledger: Ledger, dms: Dms, narrator: Narrator): void {
  const last = ledger.at(-1)
  narrator.expect(
    `${dms.name} got exactly the bytes that were sent, once`,
    last?.bytesEqual === true && last.times === 1,
    last,
  )
  narrator.expect(
    `the seal of the gateway before is verified again over them (way: ${last?.way})`,
    last?.sealVerified === true && (last.way.match(/→/g) ?? []).length === 1,
    last,
  )
}

const tables: Chapter = async ({ pair }, narrator) => {
  narrator.chapter('1. Two gateways, one way between them / Hai trục, một đường nối')
  const state = await setTable(pair.province, PROVINCE_TABLE)
  narrator.expect(
    'the province hands on to the centre whatever is not for its own agencies',
    state === 'in-force',
    state,
  )
}

const upwards: Chapter = async ({ pair, ministry, province, commune }, narrator, ledger) => {
  narrator.chapter('2. A commune under one writes to a ministry under the other / Xã gửi Bộ và tỉnh')
  const letter = await letterOf(commune, [ministry, province], '12', 'V/v đề nghị hướng dẫn kết nối')
  const accepted = await commune.submit(letter.packet)
  const again = await commune.submit(letter.packet)
  narrator.expect('sent again it gets the first receipt', again.receipt === accepted.receipt)
  const unfollow = narrator.follow(commune, accepted.documentId)
  const item = await takeOver(pair.central, commune, ministry, letter, ledger)
  expectLast(ledger, ministry, narrator)
  const near = await province.expectItem(letter.edxmlDocumentId, isDocument(letter.edxmlDocumentId))
  narrator.expect('the province got it at home', (await province.fetch(near)).equals(letter.packet))
  await province.acknowledge(near)
  for (const [code, text] of [
    ['01', 'Phần mềm đã nhận'],
    ['03', 'Đã vào sổ văn bản đến số 3011'],
    ['06', 'Đã xử lý xong'],
  ] as const) {
    await ministry.report(item, code, text)
    await expectStatus(commune, ministry, code)
  }
  await unfollow()
  const { deliveries } = await commune.sent(accepted.documentId)
  const there = deliveries.items.find(({ agency }) => agency === ministry.agency)
  narrator.expect(
    'the commune knows that the ministry has it and has finished (06)',
    there?.state === 'acknowledged' && there.processingStatus === '06',
    there,
  )
}

const downwards: Chapter = async ({ pair, ministry, province, ward, commune }, narrator, ledger) => {
  narrator.chapter('3. A ministry writes to a province and two communes / Bộ gửi tỉnh, phường và xã')
  const to = [province, ward, commune]
  const letter = await letterOf(ministry, to, '101', 'V/v kết nối, liên thông văn bản điện tử')
  const accepted = await ministry.submit(letter.packet)
  const unfollow = narrator.follow(ministry, accepted.documentId)
  for (const dms of to) {
    const item = await takeOver(pair.province, ministry, dms, letter, ledger)
    expectLast(ledger, dms, narrator)
    await dms.report(item, '03', 'Đã tiếp nhận')
    await expectStatus(ministry, dms, '03')
  }
  await unfollow()
  const { deliveries } = await ministry.sent(accepted.documentId)
  const status = deliveries.items.map(({ processingStatus }) => processingStatus)
  narrator.expect(
    'the ministry knows that all three have it (03)',
    status.every((one) => one === '03') && status.length === 3,
    status,
  )
}

const recalls: Chapter = async ({ pair, ministry, commune }, narrator, ledger) => {
  narrator.chapter('4. A recall goes over / Thu hồi qua hai trục')
  const letter = await letterOf(commune, [ministry], '13', 'V/v văn bản ban hành nhầm')
  const { documentId } = await commune.submit(letter.packet)
  const unfollow = narrator.follow(commune, documentId)
  await takeOver(pair.central, commune, ministry, letter, ledger)
  const recall = await commune.recall(documentId, 'Ban hành nhầm, đề nghị hủy bỏ')
  narrator.expect(
    'the ministry is asked: what has left cannot be taken back for certain',
    recall.asked.some(({ agency }) => agency === ministry.agency),
    recall,
  )
  const request = await ministry.expectItem('the recall', ({ operation }) => operation === 'recall')
  await ministry.fetch(request)
  await ministry.acknowledge(request)
  await ministry.report(request, '15', 'Đã hủy bỏ văn bản')
  await expectStatus(commune, ministry, '15')
  await unfollow()
  const { deliveries } = await commune.sent(documentId)
  const states = deliveries.items.map(({ requestState }) => requestState)
  narrator.expect('the recall is agreed to, on record on this side too', states.includes('agreed'), states)
}

const LETTERS = 5

const outage: Chapter = async ({ pair, ministry, commune }, narrator, ledger) => {
  narrator.chapter('5. The centre is away for a while / Trục trung ương ngừng một lúc')
  await pair.central.kill()
  narrator.say('every process of the central gateway was killed (SIGKILL)')
  const letters: WrittenLetter[] = []
  for (let number = 1; number <= LETTERS; number += 1) {
    const letter = await letterOf(commune, [ministry], String(20 + number), `V/v báo cáo số ${number}`)
    await commune.submit(letter.packet)
    letters.push(letter)
  }
  narrator.expect(`${LETTERS} letters are accepted meanwhile`, letters.length === LETTERS)
  await pair.central.start()
  narrator.say('it is back; what waits is tried again 15 s after it could not be reached')
  for (const letter of letters) await takeOver(pair.central, commune, ministry, letter, ledger)
  const last = ledger.slice(-LETTERS)
  narrator.expect(
    'nothing is lost and nothing comes twice',
    last.every(({ times, bytesEqual }) => times === 1 && bytesEqual),
    last,
  )
}

const loop: Chapter = async ({ pair, commune, homeAffairs }, narrator, ledger) => {
  narrator.chapter('6. A table that would send documents in a circle / Bảng định tuyến gây vòng lặp')
  const table = [
    {
      id: 'astray',
      recipient: homeAffairs.agency,
      channel: 'gateway',
      gateway: PROVINCE.code,
      fallback: ['mailbox'],
    },
  ]
  const state = await setTable(pair.central, table)
  narrator.say(
    `by mistake the centre now hands on to the province what is for ${homeAffairs.name} (${state})`,
  )
  const letter = await letterOf(commune, [homeAffairs], '30', 'V/v văn bản đi vòng')
  await commune.submit(letter.packet)
  await takeOver(pair.central, commune, homeAffairs, letter, ledger)
  const refused = async () =>
    (await onRecord(pair.central, letter.edxmlDocumentId)).flatMap(({ attempts }) => attempts.items)
  const said = await waitFor(async () => {
    const text = JSON.stringify(await refused())
    return text.includes('which is this gateway') && text
  }).catch(() => '')
  narrator.expect(
    'the province refuses by name what has been through it before',
    said !== '',
    await refused(),
  )
  const refusals = await pair.province
    .as('auditor')
    .get<{ items: { detail: { problem?: string } }[] }>('/auditor/v1/events?event=submission-refused')
  narrator.expect(
    'its record says packet-looped',
    refusals.items.some(({ detail }) => detail.problem === 'packet-looped'),
    refusals.items,
  )
  narrator.expect(
    `${homeAffairs.name} gets it by the next channel, once`,
    ledger.at(-1)?.times === 1,
    ledger.at(-1),
  )
}

export const CHAPTERS: readonly Chapter[] = [tables, upwards, downwards, recalls, outage, loop]
