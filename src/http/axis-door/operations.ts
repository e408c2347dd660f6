import type { AxisOperation } from '../../axis/operations.ts'
import { GatewayError } from '../../domain/problem.ts'
import { agencyList } from './agency-lists.ts'
import type { AxisReply } from './answer.ts'
import type { Asking, AxisSurroundings } from './asking.ts'
import { downloadEdoc, getEdoc } from './get-edoc.ts'
import { countOf, receivedList, sentList } from './lists.ts'
import { sendEdoc } from './send-edoc.ts'
import { updateStatus } from './update-status.ts'

export type AxisHandler = (asking: Asking, surroundings: AxisSurroundings) => Promise<AxisReply>

const notYet: AxisHandler = async () => {
  throw new GatewayError('not-found')
}

/** What is done for each operation. */
export const AXIS_HANDLERS: Record<AxisOperation, AxisHandler> = {
  getAgenciesList: agencyList('getAgenciesList'),
  getAgenciesListQD20: agencyList('getAgenciesListQD20'),
  getSynchronizeUnit: agencyList('getSynchronizeUnit'),
  registerAgency: notYet,
  deleteAgency: notYet,
  getReceivedEdocList: receivedList,
  getSentEdocList: sentList,
  sendEdoc,
  getEdoc,
  updateStatus,
  countReceiveEdoc: countOf('countReceiveEdoc', 'edoc'),
  countReceiveStatus: countOf('countReceiveStatus', 'status'),
  downloadEdoc,
}
