import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { discardingStage } from '../../../src/blobs/memory-stage.ts'
import type { BlobStage } from '../../../src/blobs/store.ts'
import { type Fault, hasErrors } from '../../../src/domain/fault.ts'
import { GatewayError } from '../../../src/domain/problem.ts'
import type { Element } from '../../../src/edxml/element.ts'
import { CONTENT_PATH } from '../../../src/edxml/names.ts'
import {
  DEFAULT_LIMITS,
  type PacketLimits,
  type ParsedPacket,
  parsePacket,
} from '../../../src/edxml/parse-packet.ts'
import { validateEnvelope } from '../../../src/edxml/validate-envelope.ts'

const PROJECT = new URL('../../../', import.meta.url)

export interface Vector {
  readonly name: string
  readonly bytes: Buffer
  /** From the name: `what-is-odd--fault-code` for what is accepted, `fault-code--what-is-odd` for what is not. */
  readonly code: string | undefined
}

function vectorsIn(folder: 'valid' | 'invalid', codeOf: (stem: string) => string | undefined): Vector[] {
  const url = new URL(`test/vectors/${folder}/edxml/`, PROJECT)
  return readdirSync(url).map((name) => ({
    name: `${folder}/edxml/${name}`,
    bytes: readFileSync(new URL(name, url)),
    code: codeOf(name.replace(/\.edxml$/, '')),
  }))
}

export const validVectors = vectorsIn('valid', (stem) => stem.split('--')[1])
export const invalidVectors = vectorsIn('invalid', (stem) => stem.split('--')[0])

export const vector = (stem: string): Buffer => readFileSync(new URL(`test/vectors/${stem}.edxml`, PROJECT))

/** Packets of other systems, which stand beside the project where there are any: folder/name -> bytes. */
export function foreignSamples(): Map<string, Buffer> | undefined {
  const root = new URL('../shared/samples/', PROJECT)
  if (!existsSync(root)) return undefined
  const folders = readdirSync(root).filter((name) => name.startsWith('edxml-'))
  return new Map(
    folders.flatMap((folder) =>
      readdirSync(new URL(`${folder}/`, root)).map((name): [string, Buffer] => [
        `${folder}/${name}`,
        readFileSync(new URL(`${folder}/${name}`, root)),
      ]),
    ),
  )
}

export async function* chunked(bytes: Uint8Array, ...cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    if (cut > bytes.length) break
    yield bytes.subarray(from, cut)
    from = cut
  }
  yield bytes.subarray(from)
}

export interface Outcome {
  readonly accepted: boolean
  readonly faults: readonly Fault[]
  readonly parsed?: ParsedPacket
  readonly problem?: string
}

/**
 * What intake would say of these bytes; where it is read both at once and as it comes, the same is said. Anything but a
 * GatewayError is thrown on: it is a crash.
 */
export async function judge(
  content: AsyncIterable<Uint8Array> | Uint8Array,
  limits: Partial<PacketLimits> = {},
  stage = discardingStage(),
): Promise<Outcome> {
  if (!(content instanceof Uint8Array)) return judgeStream(content, limits, stage)
  const { wholeBytes = DEFAULT_LIMITS.wholeBytes } = limits
  const outcome = await judgeStream(chunked(content), limits, stage)
  if (content.length > wholeBytes) return outcome
  const streamed = await judgeStream(chunked(content), { ...limits, wholeBytes: 0 }, discardingStage())
  assert.deepEqual(comparable(outcome), comparable(streamed))
  return outcome
}

async function judgeStream(
  stream: AsyncIterable<Uint8Array>,
  limits: Partial<PacketLimits>,
  stage: BlobStage,
): Promise<Outcome> {
  try {
    const parsed = await parsePacket(stream, stage, { ...DEFAULT_LIMITS, ...limits })
    const faults = [...parsed.faults, ...validateEnvelope(parsed)]
    return { accepted: !hasErrors(faults), faults, parsed }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return { accepted: false, faults: error.faults, problem: error.code }
  }
}

/** What must depend neither on chunks nor on the way of reading: all but the text that stands for contents. */
export function comparable({ parsed, ...outcome }: Outcome): unknown {
  if (parsed === undefined) return outcome
  const { root, tree: _, ...facts } = parsed
  return { ...outcome, ...facts, root: plainly(root, '') }
}

const CONTENT = `/${CONTENT_PATH.join('/')}`

function plainly({ parent: _, ...element }: Element, above: string): unknown {
  const path = `${above}/${element.name}`
  return {
    ...element,
    text: path === CONTENT ? element.text !== '' : element.text,
    children: element.children.map((child) => plainly(child, path)),
  }
}

export const codesOf = (faults: readonly Fault[], severity?: Fault['severity']): string[] =>
  faults.filter((fault) => severity === undefined || fault.severity === severity).map(({ code }) => code)
