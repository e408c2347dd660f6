import type { AxisOperation } from '../../axis/operations.ts'
import { agencyList } from './agency-lists.ts'
import type { AxisReply } from './answer.ts'
import type { Asking, AxisSurroundings } from './asking.ts'
import { downloadEdoc, getEdoc } from './get-edoc.ts'
import { countOf, receivedList, sentList } from './lists.ts'
import { deleteAgency, registerAgency } from './register-agency.ts'
import { sendEdoc } from './send-edoc.ts'
import { updateStatus } from './update-status.ts'

export type AxisHandler = (asking: Asking, surroundings: AxisSurroundings) => Promise<AxisReply>

/** What is done for each operation. */
export const AXIS_HANDLERS: Record<AxisOperation, AxisHandler> = {
  getAgenciesList: agencyList('getAgenciesList'),
  getAgenciesListQD20: agencyList('getAgenciesListQD20'),
  getSynchronizeUnit: agencyList('getSynchronizeUnit'),
  registerAgency,
  deleteAgency,
  getReceivedEdocList: receivedList,
  getSentEdocList: sentList,
  sendEdoc,
  getEdoc,
  updateStatus,
  countReceiveEdoc: countOf('countReceiveEdoc', 'edoc'),
  countReceiveStatus: countOf('countReceiveStatus', 'status'),
  downloadEdoc,
}
