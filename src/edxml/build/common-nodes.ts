import type { Organ, ResponseFor, StaffInfo } from '../../domain/envelope.ts'
import { EDXML_NAMESPACE } from '../names.ts'
import { branch, leaf, type XmlNode } from './xml-writer.ts'

export const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
export const ROOT = { name: 'edXML', attributes: { xmlns: EDXML_NAMESPACE } }
/** Children of the envelope carry this prefix, which national receivers compare literally. */
export const PREFIX_DECLARATION = { 'xmlns:edXML': EDXML_NAMESPACE }

export const organNode = (name: 'edXML:From' | 'edXML:To', organ: Organ): XmlNode[] =>
  branch(
    name,
    leaf('edXML:OrganId', organ.organId),
    leaf('edXML:OrganizationInCharge', organ.organizationInCharge),
    leaf('edXML:OrganName', organ.organName),
    leaf('edXML:OrganAdd', organ.organAdd),
    leaf('edXML:Email', organ.email),
    leaf('edXML:Telephone', organ.telephone),
    leaf('edXML:Fax', organ.fax),
    leaf('edXML:Website', organ.website),
  )

export const responseForNode = (response: ResponseFor): XmlNode[] =>
  branch(
    'edXML:ResponseFor',
    leaf('edXML:OrganId', response.organId),
    leaf('edXML:Code', response.code),
    leaf('edXML:PromulgationDate', response.promulgationDate),
    leaf('edXML:DocumentId', response.documentId),
  )

export const staffNode = (staff: StaffInfo | undefined): XmlNode[] =>
  branch(
    'edXML:StaffInfo',
    leaf('edXML:Department', staff?.department),
    leaf('edXML:Staff', staff?.staff),
    leaf('edXML:Mobile', staff?.mobile),
    leaf('edXML:Email', staff?.email),
  )

export const envelopeNode = (header: readonly XmlNode[], body: readonly XmlNode[]): XmlNode => ({
  name: 'edXML:edXMLEnvelope',
  attributes: PREFIX_DECLARATION,
  content: [{ name: 'edXML:edXMLHeader', content: header }, ...body],
})
