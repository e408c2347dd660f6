import type { ConnectorChannelId } from '../domain/axis/connector.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { unpaddedHash } from './file-hash.ts'

/** What a request looks like, by who reads it. */
export interface WireStyle {
  readonly userAgent: string
  /** Written after the packet, and not part of its hash. */
  readonly afterPacket: string
  readonly hashFile: (sha256: Sha256) => string
  /** A text for people as the value of a header. */
  readonly headerText: (text: string) => string
  /** Whether seal and hops are told beside the packet. */
  readonly tellsBeside: boolean
}

/** The national axis is used to its vendor's client alone; a gateway takes bytes, hash and texts as they are. */
export const WIRE_STYLES: Record<ConnectorChannelId, WireStyle> = {
  'national-axis': {
    userAgent: 'JAVASDKAgent/1.0.0 XRoad/VPCP',
    afterPacket: '\r\n',
    hashFile: unpaddedHash,
    headerText: withoutMarks,
    tellsBeside: false,
  },
  gateway: {
    userAgent: 'Tram',
    afterPacket: '',
    hashFile: (sha256) => sha256,
    headerText: (text) => text,
    tellsBeside: true,
  },
}

/** Vietnamese in ASCII: a server that takes header bytes for another encoding would find another signature. */
function withoutMarks(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/đ/g, 'd')
    .replace(/Đ/g, 'D')
    .replace(/[^\x20-\x7e]/g, '?')
}
