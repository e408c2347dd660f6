import type { BlobStage, StagedBlob } from '../blobs/store.ts'
import { Base64Decoder, type Base64Fault } from './base64.ts'
import type { CutEvent } from './lexer.ts'
import { SNIFF_BYTES, sniffType } from './sniff.ts'
import { StageSink } from './stage-sink.ts'

/** The decoded content of one attachment, in the order of the packet. */
export interface AttachmentContent {
  readonly blob: StagedBlob
  readonly sniffedType: string | undefined
  readonly fault: (Base64Fault & { readonly line: number }) | undefined
}

interface Open {
  readonly sink: StageSink
  readonly decoder: Base64Decoder
  readonly line: number
  head: Buffer
}

/** Decodes what the lexer cuts out straight into the stage, one blob for each attachment. */
export class AttachmentCutter {
  readonly contents: AttachmentContent[] = []
  readonly #stage: BlobStage
  #open: Open | null = null

  constructor(stage: BlobStage) {
    this.#stage = stage
  }

  async take(event: CutEvent): Promise<void> {
    if (event.kind === 'begin') {
      const sink = new StageSink(this.#stage)
      this.#open = { sink, decoder: new Base64Decoder(), line: event.line, head: Buffer.alloc(0) }
    } else if (event.kind === 'text') {
      await this.#write(this.#open!, this.#open!.decoder.push(event.bytes))
    } else {
      await this.#close(this.#open!)
    }
  }

  async abort(reason: unknown): Promise<void> {
    await this.#open?.sink.abort(reason)
  }

  async #write(open: Open, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return
    if (open.head.length < SNIFF_BYTES) {
      open.head = Buffer.concat([open.head, bytes.subarray(0, SNIFF_BYTES - open.head.length)])
    }
    await open.sink.write(bytes)
  }

  async #close(open: Open): Promise<void> {
    const { bytes, fault } = open.decoder.finish()
    await this.#write(open, bytes)
    this.contents.push({
      blob: await open.sink.close(),
      sniffedType: sniffType(open.head),
      fault: fault && { ...fault, line: open.line + fault.newlines },
    })
    this.#open = null
  }
}
