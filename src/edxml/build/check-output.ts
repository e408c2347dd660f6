import type { Fault } from '../../domain/fault.ts'
import { GatewayError } from '../../domain/problem.ts'
import type { FaultCode } from '../fault-catalogue.ts'
import { readSkeleton } from '../read-skeleton.ts'
import { validateEnvelope } from '../validate-envelope.ts'
import { forbiddenCharacters, renderXml, type XmlNode } from './xml-writer.ts'

/** What a packet may have: no files, a status younger than this program. */
const ALLOWED: ReadonlySet<string> = new Set<FaultCode>(['attachments-absent', 'status-code-unknown'])

/** ResponseFor repeats what another document says of itself, odd or not: a receipt for it must still be possible. */
const isAllowed = ({ code, severity, path }: Fault): boolean =>
  ALLOWED.has(code) || (severity === 'warning' && path?.includes('/ResponseFor') === true)

/**
 * Holds what we write to the rules by which we read, but strictly: a warning on intake is an error here.
 * @param repeats the facts are those of a packet that was taken in before, warnings and all: only errors count
 * @throws GatewayError `request-invalid` with every fault
 */
export function checkOutput(root: XmlNode, others: readonly Fault[] = [], repeats = false): void {
  const unwritable = forbiddenCharacters(root)
  if (unwritable.length > 0) throw new GatewayError('request-invalid', { faults: [...unwritable, ...others] })
  const skeleton = { bytes: Buffer.from(renderXml(root)), cuts: [], skip: 0, skippedLines: 0 }
  const wrong = validateEnvelope(readSkeleton(skeleton)).filter(
    (one) => !(repeats && one.severity === 'warning') && !isAllowed(one),
  )
  const faults = [...wrong, ...others].map(asOutputError)
  if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
}

/** The caller never saw the XML, so its lines say nothing. */
const asOutputError = ({ line: _line, ...fault }: Fault): Fault => ({ ...fault, severity: 'error' })
