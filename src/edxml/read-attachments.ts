import type { Attachment } from '../domain/envelope.ts'
import { childOf, childrenOf, descend, type Element, textOf } from './element.ts'
import type { MatchedContent } from './match-contents.ts'
import { bareContentId } from './names.ts'
import type { FaultList } from './rules/fault-list.ts'

type Contents = ReadonlyMap<Element, MatchedContent>

/**
 * Joins manifest References and Attachments over their ContentIds. An attachment that is referred to and absent, or that
 * cannot be decoded whole, is an error: part of the document would be lost.
 */
export function readAttachments(root: Element, contents: Contents, list: FaultList): Attachment[] {
  const references = referencesOf(root)
  const elements = childrenOf(root, 'AttachmentEncoded').flatMap((encoded) =>
    childrenOf(encoded, 'Attachment'),
  )
  reportRepeated(references, list)
  reportRepeated(elements, list)
  reportDangling(references, elements, list)
  const byId = new Map(references.map((reference) => [idOf(reference), reference]))
  return elements.flatMap((element) => {
    const matched = contentOf(element, contents, list)
    if (matched === undefined) return []
    const reference = byId.get(idOf(element))
    if (reference === undefined) list.at(element, 'attachment-unreferenced', { found: idOf(element) })
    const attachment = toAttachment(element, reference, matched)
    reportType(element, attachment, list)
    return [attachment]
  })
}

const referencesOf = (root: Element): readonly Element[] =>
  childrenOf(descend(root, 'edXMLEnvelope', 'edXMLBody', 'edXMLManifest'), 'Reference')

const idOf = (element: Element): string => bareContentId(textOf(element, 'ContentId') ?? '')

function toAttachment(
  element: Element,
  reference: Element | undefined,
  { content }: MatchedContent,
): Attachment {
  const told = (name: string) => textOf(element, name) ?? textOf(reference, name)
  const contentType = told('ContentType')
  const description = told('Description')
  const { blob, sniffedType } = content
  return {
    contentId: idOf(element),
    name: told('AttachmentName') ?? idOf(element),
    ...(contentType === undefined ? {} : { contentType }),
    ...(sniffedType === undefined ? {} : { sniffedType }),
    ...(description === undefined ? {} : { description }),
    sha256: blob.sha256,
    length: blob.length,
  }
}

function contentOf(element: Element, contents: Contents, list: FaultList): MatchedContent | undefined {
  const encoded = childOf(element, 'ContentTransferEncoded')
  const matched = encoded && contents.get(encoded)
  if (encoded === undefined || matched === undefined) {
    list.at(encoded ?? element, 'attachment-empty')
    return undefined
  }
  const { fault, blob } = matched.content
  if (matched.mixed) list.at(encoded, 'attachment-content-mixed')
  else if (fault !== undefined) list.at(encoded, 'base64-malformed', { line: fault.line, found: fault.found })
  else if (blob.length === 0) list.at(encoded, 'attachment-empty')
  return matched
}

function reportRepeated(elements: readonly Element[], list: FaultList): void {
  const seen = new Set<string>()
  for (const element of elements) {
    const id = idOf(element)
    if (id === '') continue
    if (seen.has(id)) list.at(element, 'content-id-repeated', { found: id })
    seen.add(id)
  }
}

function reportDangling(references: readonly Element[], elements: readonly Element[], list: FaultList): void {
  const carried = new Set(elements.map(idOf))
  for (const reference of references) {
    const id = idOf(reference)
    if (id !== '' && !carried.has(id)) list.at(reference, 'attachment-missing', { found: id })
  }
}

/** Names under which what the first bytes show is commonly declared. */
const ALSO_DECLARED: Record<string, RegExp> = {
  'application/x-ole-storage': /^application\/(?:msword|vnd\.ms-.+)$/,
  'application/pkcs7-signature': /^application\/(?:x-)?pkcs7-|^application\/cms$/,
  'application/zip': /zip/,
  'application/xml': /[/+]xml$/,
  'image/jpeg': /^image\/p?jpe?g$/,
  'application/rtf': /^text\/rtf$/,
}

function reportType(element: Element, { contentType, sniffedType }: Attachment, list: FaultList): void {
  const declared = contentType?.split(';')[0]?.trim().toLowerCase()
  if (declared === undefined || sniffedType === undefined || declared === 'application/octet-stream') return
  if (declared === sniffedType || ALSO_DECLARED[sniffedType]?.test(declared)) return
  list.at(element, 'content-type-differs', { found: declared, expected: sniffedType })
}
