import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChainJob, chain } from '../../src/cli/chain.ts'
import { checkSignedDataDer } from '../../src/signature/x509/signed-data.ts'
import type { Case, Corpus, Verdict } from './judged.ts'
import { outcome, whyOf } from './path-corpora.ts'

interface StatusCase extends Case {
  readonly kind: string
  readonly file: string
  readonly time?: string
  readonly trustAnchor?: string
  readonly intermediates?: readonly string[]
  readonly cert?: string
  readonly ocsp?: readonly string[]
}

type StatusAnswer = Omit<Verdict, 'expected'>

/** What the leaf's status is: good only where the whole path is. */
async function statusOf(one: StatusCase, job: ChainJob): Promise<StatusAnswer> {
  const found = await chain(job)
  const isRevoked = found.revocation.some(({ status }) => status === 'revoked')
  const answered = found.verdict === 'valid' ? 'good' : isRevoked ? 'revoked' : 'unknown'
  return { answered, outcome: outcome(one.expect.verdict, answered, 'good'), why: whyOf(found), facts: [] }
}

/** Malformed on purpose: whatever is answered, nothing may be thrown and nothing called valid that is no path. */
async function readOnly(_: StatusCase, job: ChainJob): Promise<StatusAnswer> {
  const { verdict: answered } = await chain(job)
  return { answered, outcome: 'agree', why: '', facts: [] }
}

const STATUS_KINDS: Readonly<Record<string, (one: StatusCase, folder: string) => Promise<StatusAnswer>>> = {
  crl: (one, folder) => {
    const file = join(folder, one.file)
    return statusOf(one, { leaf: file, anchor: file, crl: file, ...timeOf(one) })
  },
  ocsp: (one, folder) => {
    const file = join(folder, one.file)
    return statusOf(one, { leaf: file, anchor: file, ocsp: file, ...timeOf(one) })
  },
  'chain+ocsp': async (one, folder) => {
    const path = (name: string) => join(folder, name)
    const found = await chain({
      leaf: path(one.cert!),
      anchor: path(one.trustAnchor!),
      untrusted: one.intermediates!.map(path),
      ocsp: one.ocsp!.map(path),
      ...timeOf(one),
    })
    const answered = found.verdict
    return { answered, outcome: outcome(one.expect.verdict, answered, 'valid'), why: whyOf(found), facts: [] }
  },
  'signed-data': signedData,
  'x509-parse': (one, folder) => {
    const file = join(folder, one.file)
    return readOnly(one, { leaf: file, anchor: file })
  },
  'ocsp-parse': (one, folder) => {
    const file = join(folder, one.file)
    return readOnly(one, { leaf: file, anchor: file, ocsp: file })
  },
}

const PEM = /-----BEGIN ([A-Z ]+)-----([^-]+)-----END/g

/** A value over data under a bare key, as the rules of X.509 read them. */
async function signedData(one: StatusCase, folder: string): Promise<StatusAnswer> {
  const text = await readFile(join(folder, one.file), 'latin1')
  const blocks = new Map(
    [...text.matchAll(PEM)].map(([, label, body]) => [label, Buffer.from(body!, 'base64')]),
  )
  const block = (label: string) => blocks.get(label) ?? Buffer.alloc(0)
  const fit = checkSignedDataDer(block('ALGORITHM'), block('PUBLIC KEY'), block('DATA'), block('SIGNATURE'))
  const answered = fit === 'fits' ? 'valid' : fit === 'unsupported' ? 'unsupported' : 'invalid'
  return { answered, outcome: outcome(one.expect.verdict, answered, 'valid'), why: '', facts: [] }
}

const timeOf = ({ time }: StatusCase) => (time === undefined ? {} : { time })

export const crlOcsp: Corpus<StatusCase> = {
  name: 'crl-ocsp',
  leftOut: ({ kind }) =>
    STATUS_KINDS[kind] === undefined ? `${kind}: bytes that no command takes` : undefined,
  judge: async (one, folder) => ({
    expected: one.expect.verdict,
    ...(await STATUS_KINDS[one.kind]!(one, folder)),
  }),
}
