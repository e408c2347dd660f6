import type { StatusEnvelope } from '../../domain/envelope.ts'
import { checkOutput } from './check-output.ts'
import { DECLARATION, envelopeNode, organNode, ROOT, responseForNode, staffNode } from './common-nodes.ts'
import { leaf, renderXml } from './xml-writer.ts'

/**
 * Writes a status packet in UTF-8: the same status gives the same bytes.
 * @throws GatewayError `request-invalid` with every fault
 */
export function buildStatusPacket(status: Omit<StatusEnvelope, 'kind'>): Uint8Array {
  const message = {
    name: 'edXML:MessageHeader',
    content: [
      organNode('edXML:From', status.from),
      responseForNode(status.responseFor),
      staffNode(status.staff),
      leaf('edXML:StatusCode', status.statusCode),
      leaf('edXML:Description', status.description),
      leaf('edXML:Timestamp', status.timestamp),
    ].flat(),
  }
  const root = { ...ROOT, content: [envelopeNode([message], [])] }
  checkOutput(root)
  return Buffer.from(DECLARATION + renderXml(root))
}
