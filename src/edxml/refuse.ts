import { GatewayError, type ProblemCode } from '../domain/problem.ts'
import { type FaultCode, type FaultDetails, fault } from './fault-catalogue.ts'

/** The error that ends the reading of a packet at once, with its one fault. */
export const refusal = (problem: ProblemCode, code: FaultCode, details: FaultDetails = {}): GatewayError =>
  new GatewayError(problem, { faults: [fault(code, details)] })

/** A limit was passed: says which, and how high it is. */
export const tooLarge = (what: string, limit: number, line?: number): GatewayError =>
  refusal('payload-too-large', 'limit-exceeded', {
    expected: `${what} <= ${limit}`,
    ...(line === undefined ? {} : { line }),
  })
