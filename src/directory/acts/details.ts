import { createHash } from 'node:crypto'
import { isAliasFree } from './establish.ts'
import { isKnown, isKnownAndOpen } from './named-agencies.ts'
import { endFact, nothingChanges, setFact } from './set-fact.ts'
import type { Carry } from './step.ts'

export const addAlias: Carry<'add-alias'> = (step, { code, alias, form, on }) => {
  if (!isKnown(step, 'agency', 'code', code, on)) return
  if (isAliasFree(step, 'alias', code, alias, on))
    step.bench.assert({ subject: code, kind: 'alias', value: { alias, form }, validFrom: on, validTo: null })
}

export const endAlias: Carry<'end-alias'> = (step, { code, alias, on }) => {
  if (isKnown(step, 'agency', 'code', code, on))
    endFact(step, 'alias', alias, { subject: code, on, field: 'alias' })
}

export const setContact: Carry<'set-contact'> = (step, { code, contact, on }) => {
  if (isKnownAndOpen(step, 'agency', 'code', code, on))
    setFact(step, 'contact', contact, { subject: code, on, field: 'contact' })
}

export const endContact: Carry<'end-contact'> = (step, { code, role, on }) => {
  if (isKnown(step, 'agency', 'code', code, on))
    endFact(step, 'contact', role, { subject: code, on, field: 'role' })
}

export const setEndpoint: Carry<'set-endpoint'> = (step, { code, endpoint, on, until = null }) => {
  if (!isKnownAndOpen(step, 'agency', 'code', code, on)) return
  if (endpoint !== null) setFact(step, 'endpoint', endpoint, { subject: code, on, until, field: 'endpoint' })
  else if (step.view.fact(code, 'endpoint', on) === undefined) nothingChanges(step, 'endpoint')
  else endFact(step, 'endpoint', '', { subject: code, on, field: 'endpoint' })
}

export const addCertificate: Carry<'add-certificate'> = (step, { code, certificate, on, until = null }) => {
  if (!isKnownAndOpen(step, 'agency', 'code', code, on)) return
  const digest = createHash('sha256').update(Buffer.from(certificate.der, 'base64')).digest('hex')
  if (digest !== certificate.sha256)
    step.refuse({
      code: 'certificate-digest-wrong',
      field: 'certificate/sha256',
      found: certificate.sha256,
      expected: digest,
      vi: 'Giá trị băm không phải của chứng thư này.',
      en: 'The digest is not that of this certificate.',
    })
  else setFact(step, 'certificate', certificate, { subject: code, on, until, field: 'certificate' })
}

export const endCertificate: Carry<'end-certificate'> = (step, { code, sha256, on }) => {
  if (isKnown(step, 'agency', 'code', code, on))
    endFact(step, 'certificate', sha256, { subject: code, on, field: 'sha256' })
}
