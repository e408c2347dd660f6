import { createHash } from 'node:crypto'
import { HASHES, type HashName } from '../algorithms.ts'
import { type CheckedSignature, checking, unverifiable } from '../checks.ts'
import type { CheckedTimestamp } from '../timestamp/checked-timestamp.ts'
import { checkToken, tokenImprint } from '../timestamp/token.ts'
import type { OpenContainer } from './asic-container.ts'
import type { ManifestObject } from './asic-manifest.ts'
import { overObjects, withManifest } from './asic-objects.ts'
import { ContainerError } from './asic-zip.ts'
import { type Content, checkCms, openCms } from './cms.ts'
import type { SignedData } from './cms-structure.ts'

/** What a CAdES signature or a timestamp of a container stands over. */
interface Subject {
  readonly name: string
  readonly content: Content
  /** Undefined where it stands over a data object itself. */
  readonly objects: readonly ManifestObject[] | undefined
}

/**
 * The manifest that names a signature file (EN 319 162-1 §4.4.3.3), or the one data object of an ASiC-S (§4.3.3.2).
 * @throws SignatureStop where there is neither, or more than one
 */
async function subjectOf(open: OpenContainer, file: string): Promise<Subject> {
  const { container, manifests, objects, digests } = open
  const named = [...manifests].filter(([, { manifest }]) => manifest.signature === file)
  if (named.length > 1) throw unverifiable('reference', 'reference-ambiguous', file)
  const [one] = named
  if (one !== undefined) {
    const [name, { manifest, bytes }] = one
    for (const { name: object, hash } of manifest.objects)
      if (hash !== undefined) await digests.prepare([object], [hash])
    return { name, objects: manifest.objects, content: inMemory(bytes) }
  }
  const [object, ...others] = objects
  if (object === undefined || others.length > 0 || !isAlone(open))
    throw unverifiable('reference', 'reference-missing', `ASiCManifest, ${file}`)
  return { name: object, objects: undefined, content: () => container.get(object)!.chunks() }
}

/** Whether no other signature file goes without a manifest: an ASiC-S has one. */
function isAlone({ files, manifests }: OpenContainer): boolean {
  const named = new Set([...manifests.values()].map(({ manifest }) => manifest.signature))
  const unnamed = [...files.xades, ...files.cades, ...files.timestamps].filter((name) => !named.has(name))
  return unnamed.length === 1 && files.manifests.every((name) => /Archive/i.test(name))
}

const inMemory = (bytes: Uint8Array): Content =>
  async function* () {
    yield bytes
  }

/** A CAdES file of a container: a detached signature over its subject. */
export async function checkCadesFile(
  open: OpenContainer,
  file: string,
  bytes: Uint8Array,
): Promise<CheckedSignature[]> {
  return stopping(file, async () => {
    const data = openCms(bytes)
    if (data.length !== bytes.length) throw unverifiable('form', 'signature-malformed', 'trailing bytes')
    const subject = await subjectOf(open, file)
    await refuseOtherContent(data, subject)
    const options = open.given.key === undefined ? {} : { key: open.given.key }
    const signatures = await checkCms('cms', data, subject.content, options)
    return signatures.map((one) => (one.counterSignature ? one : placed(open, file, subject, one)))
  })
}

/** Content inside would be checked in place of the entry: it must be the same. */
async function refuseOtherContent({ content, isAttached }: SignedData, subject: Subject): Promise<void> {
  if (!isAttached) return
  const found = await digestOf(subject.content, 'sha256')
  if (content === undefined || !createHash('sha256').update(content).digest().equals(found))
    throw unverifiable('form', 'signature-malformed', 'eContent')
}

/** A timestamp file of a container: it attests a time, not a signer. */
export async function checkTimestampFile(
  open: OpenContainer,
  file: string,
  bytes: Uint8Array,
): Promise<CheckedSignature[]> {
  return stopping(file, async () => {
    const subject = await subjectOf(open, file)
    const imprint = tokenImprint(bytes)
    const digest = imprint && (await digestOf(subject.content, imprint.hash))
    const timestamp = checkToken(bytes, 'container', (hash) =>
      hash === imprint?.hash ? (digest ?? null) : null,
    )
    return [placed(open, file, subject, entryOf(timestamp))]
  })
}

function entryOf(timestamp: CheckedTimestamp): CheckedSignature {
  const { imprintMatch, intact, checks, strong, tsa, material, genTime } = timestamp
  const isInvalid = imprintMatch === false || checks.some(({ code }) => code === 'value-mismatch')
  const isSound = intact && imprintMatch === true
  return {
    format: 'cms',
    state: isInvalid ? 'invalid' : isSound ? 'valid' : 'unverifiable',
    checks,
    strong,
    valueIntact: intact,
    references: [{ uri: 'content', intact: imprintMatch }],
    coverage: 'unknown',
    modifiedAfterSigning: false,
    embedded: material.certificates,
    material,
    timestamps: [timestamp],
    documentTimestamp: true,
    ...(tsa && { signer: tsa }),
    ...(genTime && { claimedSigningTime: genTime.toISOString() }),
    ...(timestamp.digestAlgorithm && { digestAlgorithm: timestamp.digestAlgorithm }),
    ...(timestamp.signatureAlgorithm && { signatureAlgorithm: timestamp.signatureAlgorithm }),
  }
}

/** The signature with its place in the container and what of it is covered. */
function placed(
  open: OpenContainer,
  file: string,
  subject: Subject,
  one: CheckedSignature,
): CheckedSignature {
  const id = one.id === undefined ? file : `${file}#${one.id}`
  const { name, objects } = subject
  if (objects === undefined) {
    const references = one.references.map(({ intact }) => ({ uri: name, intact }))
    return overObjects({ ...one, id, references }, [name], open.objects)
  }
  const weak = objects.some(({ hash }) => hash !== undefined && HASHES[hash].weak)
  const checked = withManifest({ ...one, id, strong: one.strong && !weak }, name, objects, open.digests)
  return overObjects(
    checked,
    objects.map((object) => object.name),
    open.objects,
  )
}

async function digestOf(content: Content, hash: HashName): Promise<Buffer> {
  const hasher = createHash(hash)
  for await (const chunk of content()) hasher.update(chunk)
  return hasher.digest()
}

async function stopping(file: string, work: () => Promise<CheckedSignature[]>): Promise<CheckedSignature[]> {
  try {
    return await work()
  } catch (error) {
    const stop = error instanceof ContainerError ? unverifiable('form', 'container-unreadable', file) : error
    const checked = await checking('cms', () => Promise.reject(stop))
    return [{ ...checked, id: file }]
  }
}
