import type { Fault } from '../../domain/fault.ts'
import { fault } from '../fault-catalogue.ts'
import { bareContentId } from '../names.ts'
import { refusal } from '../refuse.ts'
import { checkOutput } from './check-output.ts'
import { DECLARATION, envelopeNode, PREFIX_DECLARATION, ROOT } from './common-nodes.ts'
import { type DocumentInput, messageHeaderNode, traceHeaderListNode } from './document-nodes.ts'
import { encodeBase64 } from './encode-base64.ts'
import { leaf, renderXml, startTag, type XmlNode } from './xml-writer.ts'

export type { DocumentInput } from './document-nodes.ts'

export interface AttachmentInput {
  readonly name: string
  readonly contentType: string
  readonly read: () => AsyncIterable<Uint8Array>
  readonly description?: string
  /** Unique in the packet; `attachment-1`, `attachment-2`, … where absent. */
  readonly contentId?: string
}

const CONTENT = 'edXML:ContentTransferEncoded'
const INDENT = '    '

/**
 * Writes a document packet, streaming its attachments: the same input gives the same bytes. Its facts are checked before
 * the first byte is asked for.
 * @param repeats whether the facts repeat those of a packet that was taken in before, oddities and all
 * @throws GatewayError `request-invalid` with every fault; while streaming, where an attachment turns out empty
 */
export function buildDocumentPacket(
  input: DocumentInput,
  attachments: readonly AttachmentInput[],
  repeats = false,
): AsyncIterable<Uint8Array> {
  const envelope = envelopeNode(
    [messageHeaderNode(input), ...traceHeaderListNode(input)],
    [{ name: 'edXML:edXMLBody', content: [manifestNode(attachments)] }],
  )
  const files = attachments.map(
    (attachment, index): XmlNode => ({
      name: 'Attachment',
      content: attachmentNodes(attachment, index),
    }),
  )
  const encoded = files.length === 0 ? [] : [{ name: 'AttachmentEncoded', content: files }]
  checkOutput({ ...ROOT, content: [envelope, ...encoded] }, attachmentFaults(attachments), repeats)
  return write(renderXml(envelope, '  '), attachments)
}

async function* write(envelope: string, attachments: readonly AttachmentInput[]): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${DECLARATION}${startTag(ROOT)}\n${envelope}`)
  if (attachments.length > 0) yield Buffer.from('  <AttachmentEncoded>\n')
  for (const [index, attachment] of attachments.entries()) yield* writeAttachment(attachment, index)
  if (attachments.length > 0) yield Buffer.from('  </AttachmentEncoded>\n')
  yield Buffer.from('</edXML>\n')
}

async function* writeAttachment(attachment: AttachmentInput, index: number): AsyncGenerator<Uint8Array> {
  const told = attachmentNodes(attachment, index).map((node) => renderXml(node, `${INDENT}  `))
  const start = startTag({ name: CONTENT, attributes: PREFIX_DECLARATION })
  yield Buffer.from(`${INDENT}<Attachment>\n${told.join('')}${INDENT}  ${start}`)
  let empty = true
  for await (const text of encodeBase64(attachment.read())) {
    empty = false
    yield text
  }
  if (empty) throw refusal('request-invalid', 'attachment-empty', { found: attachment.name })
  yield Buffer.from(`</${CONTENT}>\n${INDENT}</Attachment>\n`)
}

const contentIdOf = ({ contentId }: AttachmentInput, index: number): string =>
  `cid:${bareContentId(contentId ?? `attachment-${index + 1}`)}`

const attachmentNodes = (attachment: AttachmentInput, index: number): XmlNode[] => [
  ...leaf('ContentId', contentIdOf(attachment, index)),
  ...leaf('AttachmentName', attachment.name),
  ...leaf('Description', attachment.description),
  ...leaf('ContentType', attachment.contentType),
]

const manifestNode = (attachments: readonly AttachmentInput[]): XmlNode => ({
  name: 'edXML:edXMLManifest',
  attributes: { version: '1.0' },
  content: attachments.map((attachment, index) => ({
    name: 'edXML:Reference',
    content: [
      ...leaf('edXML:ContentId', contentIdOf(attachment, index)),
      ...leaf('edXML:ContentType', attachment.contentType),
      ...leaf('edXML:Description', attachment.description),
      ...leaf('edXML:AttachmentName', attachment.name),
    ],
  })),
})

function attachmentFaults(attachments: readonly AttachmentInput[]): Fault[] {
  const ids = attachments.map(contentIdOf)
  return attachments.flatMap((attachment, index) => {
    const path = `/edXML/AttachmentEncoded/Attachment[${index + 1}]`
    const id = ids[index]!
    const repeated = ids.indexOf(id) < index ? [fault('content-id-repeated', { path, found: id })] : []
    return [...repeated, ...unzipFaults(attachment, path)]
  })
}

/** The axis client unzips by this rule, and would hand its user the inner file under the outer name. */
function unzipFaults({ name, contentType }: AttachmentInput, path: string): Fault[] {
  const unzipped = /^application\/zip$/i.test(contentType.trim()) && !/\.zip$/i.test(name.trim())
  return unzipped ? [fault('content-type-would-unzip', { path, found: name, expected: '*.zip' })] : []
}
