import type { Fault } from '../../domain/fault.ts'
import { type Element, pathOf } from '../element.ts'
import { FAULTS, type FaultCode, type FaultDetails, fault } from '../fault-catalogue.ts'

/** More of one severity help nobody, and a hostile packet could hold millions. */
const MOST = 100

/** Collects faults, errors and warnings each up to a bound, so that no flood of warnings hides an error. */
export class FaultList {
  readonly faults: Fault[] = []
  readonly #count = { error: 0, warning: 0 }

  /** What is wrong with this element. */
  at(element: Element, code: FaultCode, details: FaultDetails = {}): void {
    this.#add(code, () => ({ path: pathOf(element), line: element.line, ...details }))
  }

  /** What is wrong with a child that is not there. */
  under(parent: Element, name: string, code: FaultCode, details: FaultDetails = {}): void {
    this.#add(code, () => ({
      path: `${pathOf(parent)}/${name}`,
      line: parent.line,
      expected: name,
      ...details,
    }))
  }

  /** The path costs a look at all siblings: it is worked out only for a fault that is kept. */
  #add(code: FaultCode, details: () => FaultDetails): void {
    const { severity } = FAULTS[code]
    this.#count[severity] += 1
    if (this.#count[severity] <= MOST) this.faults.push(fault(code, details()))
  }
}
