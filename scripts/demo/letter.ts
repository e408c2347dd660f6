import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Business, ResponseFor } from '../../src/domain/envelope.ts'
import { agencyCode, edxmlDocumentId } from '../../src/domain/identifiers.ts'
import { vietnamDay } from '../../src/domain/vietnam-time.ts'
import { buildDocumentPacket } from '../../src/edxml/build/build-document-packet.ts'
import { makePdf } from '../../test/fakes/make-pdf.ts'
import type { Participant } from './world.ts'

export interface Letter {
  readonly number: string
  readonly notation: string
  readonly subject: string
  readonly to: readonly { readonly agency: string; readonly name: string }[]
  readonly priority?: number
  readonly responseFor?: readonly ResponseFor[]
  readonly business?: Business
  /** Lines of the PDF's text; taken from the subject where left out. */
  readonly lines?: readonly string[]
}

export interface WrittenLetter {
  readonly packet: Buffer
  readonly edxmlDocumentId: string
  readonly pdf: Uint8Array
}

const today = (): string => vietnamDay(new Date()).replaceAll('-', '/')

/** Writes an official letter as an agency does: a PDF signed by its head and then by the agency, in an edXML packet. */
export async function writeLetter(
  from: Participant,
  letter: Letter,
  alter = (pdf: Uint8Array) => pdf,
): Promise<WrittenLetter> {
  const id = `${from.agency},${today()},${letter.number}/${letter.notation}`
  const lines = letter.lines ?? [
    from.name.toUpperCase(),
    `Số: ${letter.number}/${letter.notation}`,
    letter.subject,
  ]
  const byHead = await from.signer.signPdf(makePdf(lines), 'person')
  const pdf = alter(await from.signer.signPdf(byHead, 'agency'))
  const packet = buildDocumentPacket(
    {
      from: { organId: agencyCode(from.agency), organName: from.name },
      to: letter.to.map(({ agency, name }) => ({ organId: agencyCode(agency), organName: name })),
      documentId: edxmlDocumentId(id),
      codeNumber: letter.number,
      codeNotation: letter.notation,
      place: 'Hà Nội',
      promulgationDate: today(),
      documentType: { type: 2, typeDetail: 18, typeName: 'Công văn' },
      subject: letter.subject,
      signer: { competence: 'TM.', position: 'Lãnh đạo', fullName: 'Nguyễn Văn Mẫu' },
      priority: letter.priority ?? 0,
      responseFor: letter.responseFor ?? [],
      ...(letter.business === undefined ? {} : { business: letter.business }),
    },
    [
      {
        name: `${letter.number}-${letter.notation}.pdf`,
        contentType: 'application/pdf',
        read: () => Readable.from([pdf]),
      },
    ],
  )
  return { packet: await buffer(Readable.from(packet)), edxmlDocumentId: id, pdf }
}
