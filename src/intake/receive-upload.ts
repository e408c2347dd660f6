import type { BlobStage, StagedBlob } from '../blobs/store.ts'
import type { Bilingual } from '../domain/bilingual.ts'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'
import type { PacketLimits } from '../edxml/parse-packet.ts'

/** One part of a form (RFC 7578), whose content is to be read before the next part comes. */
export interface UploadPart {
  readonly name: string | undefined
  readonly fileName: string | undefined
  readonly contentType: string
  readonly content: AsyncIterable<Uint8Array>
}

export interface UploadedFile {
  readonly name: string
  readonly contentType: string
  readonly blob: StagedBlob
}

export type Upload =
  | { readonly kind: 'envelope'; readonly envelope: StagedBlob }
  /** `header` is JSON text. */
  | { readonly kind: 'header'; readonly header: string; readonly files: readonly UploadedFile[] }

/** Bytes. A header with each of the 111,000 agencies of the national directory as recipients has about 10 MB. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024

/**
 * Reads the parts of a form into the stage.
 * @throws GatewayError `request-invalid` with every part that is unknown, missing, repeated or too much;
 *   `request-malformed` where the header is not UTF-8; `payload-too-large`
 */
export async function receiveUpload(
  stage: BlobStage,
  parts: AsyncIterable<UploadPart>,
  takesEnvelope: boolean,
  limits: PacketLimits,
): Promise<Upload> {
  const upload = new UploadReader(stage, takesEnvelope, limits)
  for await (const part of parts) await upload.take(part)
  return upload.finish()
}

class UploadReader {
  readonly #stage: BlobStage
  readonly #takesEnvelope: boolean
  readonly #limits: PacketLimits
  readonly #faults: Fault[] = []
  readonly #files: UploadedFile[] = []
  #header: string | undefined
  #envelope: StagedBlob | undefined
  #bytes = 0

  constructor(stage: BlobStage, takesEnvelope: boolean, limits: PacketLimits) {
    this.#stage = stage
    this.#takesEnvelope = takesEnvelope
    this.#limits = limits
  }

  async take(part: UploadPart): Promise<void> {
    const content = this.#counted(part.content)
    if (part.name === 'header') return this.#takeHeader(content)
    if (part.name === 'file') return this.#takeFile(part, content)
    if (part.name === 'envelope' && this.#takesEnvelope) return this.#takeEnvelope(content)
    this.#fault('part-unknown', part.name)
    await drain(content)
  }

  finish(): Upload {
    const [header, envelope, files] = [this.#header, this.#envelope, this.#files]
    if (envelope !== undefined && (header !== undefined || files.length > 0)) this.#fault('parts-conflict')
    else if (envelope === undefined && header === undefined) this.#fault('part-missing')
    if (this.#faults.length > 0) throw new GatewayError('request-invalid', { faults: this.#faults })
    return envelope === undefined
      ? { kind: 'header', header: header!, files }
      : { kind: 'envelope', envelope }
  }

  async #takeHeader(content: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#header !== undefined) this.#fault('part-repeated', 'header')
    this.#header = await readText(content, MAX_HEADER_BYTES)
  }

  async #takeEnvelope(content: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#envelope !== undefined) this.#fault('part-repeated', 'envelope')
    this.#envelope = await this.#stage.write(content)
  }

  async #takeFile(part: UploadPart, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#files.length >= this.#limits.attachments) throw tooLarge(`${this.#limits.attachments} files`)
    const name = part.fileName?.trim() ?? ''
    if (name === '') this.#fault('file-name-missing', `file #${this.#files.length + 1}`)
    const blob = await this.#stage.write(content)
    if (blob.length === 0) this.#fault('file-empty', name)
    this.#files.push({ name, contentType: part.contentType, blob })
  }

  async *#counted(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      this.#bytes += chunk.length
      if (this.#bytes > this.#limits.packetBytes) throw tooLarge(`${this.#limits.packetBytes} bytes`)
      yield chunk
    }
  }

  #fault(code: PartFault, found?: string): void {
    if (this.#faults.length < 100)
      this.#faults.push({ code, severity: 'error', path: '#/body', found, hint: HINTS[code] })
  }
}

type PartFault =
  | 'part-unknown'
  | 'part-repeated'
  | 'part-missing'
  | 'parts-conflict'
  | 'file-name-missing'
  | 'file-empty'

const HINTS: Record<PartFault, Bilingual> = {
  'part-unknown': {
    vi: 'Chỉ dùng các phần header và file, hoặc một phần envelope.',
    en: 'Use only the parts header and file, or one part envelope.',
  },
  'part-repeated': { vi: 'Phần này chỉ được có một lần.', en: 'This part may stand only once.' },
  'part-missing': {
    vi: 'Thêm phần header (JSON) cùng các phần file, hoặc phần envelope (gói edXML).',
    en: 'Add the part header (JSON) with parts file, or the part envelope (an edXML packet).',
  },
  'parts-conflict': {
    vi: 'Phần envelope là gói tin đầy đủ: không kèm header hay file.',
    en: 'The part envelope is a whole packet: no header or file goes with it.',
  },
  'file-name-missing': {
    vi: 'Ghi filename cho phần file: bên nhận cần tên tệp.',
    en: 'Give the part a filename: the recipient needs it.',
  },
  'file-empty': { vi: 'Tệp rỗng.', en: 'The file is empty.' },
}

async function drain(content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _chunk of content);
}

async function readText(content: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of content) {
    length += chunk.length
    if (length > most) throw tooLarge(`header of ${most} bytes`)
    chunks.push(Uint8Array.from(chunk))
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw new GatewayError('request-malformed', {
      cause,
      detail: { vi: 'Phần header không phải UTF-8.', en: 'The part header is not UTF-8.' },
    })
  }
}

const tooLarge = (limit: string): GatewayError =>
  new GatewayError('payload-too-large', { detail: { vi: `Giới hạn: ${limit}.`, en: `The limit: ${limit}.` } })
