import type { Bilingual } from '../domain/bilingual.ts'
import { asciiJson } from './ascii-json.ts'
import type { AxisErrorCode, AxisRefusal } from './error-codes.ts'
import type { AxisOperation } from './operations.ts'

/** What every answer holds. The vendor's client sees nothing at all where one of them is missing or null. */
export interface AxisResult {
  readonly status: 'OK' | 'FAIL'
  readonly ErrorCode: AxisErrorCode
  /** Never empty. */
  readonly ErrorDesc: string
}

export interface ListedAgency {
  readonly id: string
  /** `id` of the agency above; empty at the top. */
  readonly pid: string
  readonly code: string
  readonly name: string
  readonly mail: string
  readonly oldCode?: string
}

export interface ListedAgencyQd20 {
  readonly id: string
  readonly code: string
  readonly name: string
  readonly mail: string
  /** As QCVN 102:2016 has it, with level 1 on the right. */
  readonly code102: string
}

export interface SynchronizedUnit {
  readonly id: string
  readonly pid: string
  readonly code: string
  readonly name: string
  readonly mail: string
  readonly version: number
  readonly centerCode: string
  readonly deleted: boolean
  /** `yyyy/MM/dd`. */
  readonly modifyDate: string
  readonly isAgency: boolean
}

/** Times are `yyyy/MM/dd HH:mm:ss`, Vietnam time; empty where nothing has happened yet. */
export interface ReceivedEdoc {
  readonly docId: string
  readonly serviceType: string
  readonly messageType: string
  readonly created_time: string
  readonly updated_time: string
  readonly from: string
  readonly to: string
  readonly status: string
  readonly status_desc: string
}

export interface SentEdoc {
  readonly serviceType: string
  readonly messageType: string
  readonly senderDocId: string
  readonly receiverDocId: string
  readonly fromCode: string
  readonly toCode: string
  readonly sendStatus: string
  readonly sendStatusDesc: string
  readonly receiveStatus: string
  readonly receiveStatusDesc: string
  readonly title: string
  readonly notation: string
  readonly sentTime: string
  readonly receivedTime: string
}

/** What an answer of each operation holds beside `AxisResult`. getEdoc's is written by `edocAnswer`. */
export interface AnswerFields {
  getAgenciesList: { readonly data: readonly ListedAgency[] }
  getAgenciesListQD20: { readonly data: readonly ListedAgencyQd20[] }
  getSynchronizeUnit: { readonly data: readonly SynchronizedUnit[] }
  registerAgency: Record<never, never>
  deleteAgency: Record<never, never>
  getReceivedEdocList: { readonly data: readonly ReceivedEdoc[] }
  getSentEdocList: { readonly data: readonly SentEdoc[] }
  sendEdoc: { readonly DocId: string }
  getEdoc: { readonly data: string }
  updateStatus: Record<never, never>
  countReceiveEdoc: { readonly count: number }
  countReceiveStatus: { readonly count: number }
  downloadEdoc: Record<never, never>
}

const FIELDS_OF_FAILURES: { readonly [Operation in AxisOperation]: AnswerFields[Operation] } = {
  getAgenciesList: { data: [] },
  getAgenciesListQD20: { data: [] },
  getSynchronizeUnit: { data: [] },
  registerAgency: {},
  deleteAgency: {},
  getReceivedEdocList: { data: [] },
  getSentEdocList: { data: [] },
  sendEdoc: { DocId: '' },
  getEdoc: { data: '' },
  updateStatus: {},
  countReceiveEdoc: { count: 0 },
  countReceiveStatus: { count: 0 },
  downloadEdoc: {},
}

/**
 * The answer to a request that succeeded, as the text of an `application/json` body of HTTP 200.
 * @param text what there is to say of it, for people; nothing where left out
 */
export const okAnswer = <Operation extends AxisOperation>(
  _operation: Operation,
  fields: AnswerFields[Operation],
  text?: Bilingual,
): string => asciiJson({ ...OK, ...(text && { ErrorDesc: description(text) }), ...fields })

const OK: AxisResult = { status: 'OK', ErrorCode: '0', ErrorDesc: 'Success' }

/**
 * The answer to a request that failed, with the fields without which the vendor's client would lose the code.
 * @param operation undefined where the path names none
 * @param text what was wrong, for people
 */
export const failedAnswer = (
  operation: AxisOperation | undefined,
  code: AxisRefusal,
  text: Bilingual,
): string => {
  const result: AxisResult = { status: 'FAIL', ErrorCode: code, ErrorDesc: description(text) }
  return asciiJson({ ...result, ...(operation && FIELDS_OF_FAILURES[operation]) })
}

const description = (text: Bilingual): string =>
  [text.vi, text.en].filter((part) => part.trim() !== '').join(' / ') || 'Lỗi / Error'
