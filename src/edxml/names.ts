/** The one namespace of QCVN 102:2016 packets, bound both as default and as `edXML:` on the wire. */
export const EDXML_NAMESPACE = 'http://www.mic.gov.vn/TBT/QCVN_102_2016'

/**
 * Prefixes that packets of the axis operator use undeclared (`xlink:href` on a Reference, `edXML:` outside the envelope
 * that declares it), with the one namespace that each can mean.
 */
export const SUPPLIED_PREFIXES: Readonly<Record<string, string>> = {
  xlink: 'http://www.w3.org/1999/xlink',
  edXML: EDXML_NAMESPACE,
}

/** Local names from the root to the base64 text of one attachment. */
export const CONTENT_PATH = ['edXML', 'AttachmentEncoded', 'Attachment', 'ContentTransferEncoded'] as const

/** ContentIds are compared without any leading `cid:`, which writers add, omit or double. */
export const bareContentId = (id: string): string => id.trim().replace(/^(?:cid:)+/i, '')
