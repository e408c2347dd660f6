import { zipOf } from './zip.ts'

const KEPT_AS_THEY_ARE = /^application\/(pdf|zip)$/

/**
 * A packet as the axis writes it anew: one more TraceHeader, the xmldsig namespace gone, files in other zips, an empty
 * ResponseFor, another layout. What it says stays.
 * @param round numbers of [0, 9]; each gives other bytes
 */
export function rewritten(packet: Uint8Array, round: number): Buffer {
  const text = Buffer.from(packet).toString('utf8')
  const traced = isStatus(text) ? text : withTrace(text, round)
  const zipped = traced.replace(/<(\w+:)?Attachment>[\s\S]*?<\/(\w+:)?Attachment>/g, (one) =>
    rezipped(one, round),
  )
  return Buffer.from(
    zipped
      .replaceAll(' xmlns="http://www.w3.org/2000/09/xmldsig#"', '')
      .replaceAll(/>\s+</g, `>${'\n'.repeat(1 + (round % 2))}<`),
  )
}

const isStatus = (text: string): boolean => text.includes(':StatusCode>')

function withTrace(text: string, round: number): string {
  const trace = `<edXML:TraceHeader><edXML:OrganId>000.00.00.G22</edXML:OrganId><edXML:Timestamp>2026/11/20 09:00:0${round}</edXML:Timestamp></edXML:TraceHeader>`
  const listed = text.replace(/(<edXML:TraceHeaderList[^>]*>)/, `$1${trace}`)
  return listed.replace('</edXML:MessageHeader>', '<edXML:ResponseFor/></edXML:MessageHeader>')
}

/** Every file but PDFs, as the vendor's library packs it: one entry with a name of its own. */
function rezipped(attachment: string, round: number): string {
  const type = /<ContentType>(.*?)<\/ContentType>/.exec(attachment)?.[1] ?? ''
  const content = /(ContentTransferEncoded[^>]*>)([^<]*)</.exec(attachment)
  if (content === null || KEPT_AS_THEY_ARE.test(type)) return attachment
  const zip = zipOf(`${round}-f2a0.txt`, Buffer.from(content[2]!, 'base64'), round)
  return attachment
    .replace(`>${content[2]}<`, `>${zip.toString('base64')}<`)
    .replace(`<ContentType>${type}<`, '<ContentType>application/zip<')
}
