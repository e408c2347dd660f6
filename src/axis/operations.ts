/** What the axis interface can be asked for, as clients spell it (`{endpoint}/{operation}`). */
export type AxisOperation =
  | 'getAgenciesList'
  | 'getAgenciesListQD20'
  | 'getSynchronizeUnit'
  | 'registerAgency'
  | 'deleteAgency'
  | 'getReceivedEdocList'
  | 'getSentEdocList'
  | 'sendEdoc'
  | 'getEdoc'
  | 'updateStatus'
  | 'countReceiveEdoc'
  | 'countReceiveStatus'
  | 'downloadEdoc'

export interface OperationRow {
  readonly method: 'POST' | 'GET'
  /** What the vendor's client sends as body. */
  readonly body: 'none' | 'empty-object' | 'json' | 'packet'
}

export const AXIS_OPERATIONS: Record<AxisOperation, OperationRow> = {
  getAgenciesList: { method: 'POST', body: 'none' },
  getAgenciesListQD20: { method: 'POST', body: 'none' },
  getSynchronizeUnit: { method: 'POST', body: 'none' },
  registerAgency: { method: 'POST', body: 'json' },
  deleteAgency: { method: 'POST', body: 'empty-object' },
  getReceivedEdocList: { method: 'POST', body: 'none' },
  getSentEdocList: { method: 'POST', body: 'none' },
  sendEdoc: { method: 'POST', body: 'packet' },
  getEdoc: { method: 'POST', body: 'empty-object' },
  updateStatus: { method: 'POST', body: 'empty-object' },
  countReceiveEdoc: { method: 'POST', body: 'empty-object' },
  countReceiveStatus: { method: 'POST', body: 'empty-object' },
  downloadEdoc: { method: 'GET', body: 'none' },
}

/**
 * The operation that a path asks for: its last segment decides, under any prefix, in the spelling of the clients.
 * @param path of the request, with or without a query
 */
export function axisOperation(path: string): AxisOperation | undefined {
  const segment = path.split('?', 1)[0]?.replace(/\/+$/, '').split('/').at(-1) ?? ''
  return isOperation(segment) ? segment : undefined
}

const isOperation = (name: string): name is AxisOperation => Object.hasOwn(AXIS_OPERATIONS, name)

/** Headers that operations take, as `XroadVnpt-<name>`. The last three are between gateways of this kind. */
export type AxisHeader =
  | 'systemid'
  | 'timestamp'
  | 'Content-Type'
  | 'servicetype'
  | 'messagetype'
  | 'hash-file'
  | 'from'
  | 'to'
  | 'docId'
  | 'filePath'
  | 'status'
  | 'level'
  | 'AgencyCode'
  | 'fromDate'
  | 'toDate'
  | 'description'
  | 'tram-seal'
  | 'tram-hops'

export const HEADER_PREFIX = 'XroadVnpt-'
