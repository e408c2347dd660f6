import type { BlobStage, StagedBlob } from '../blobs/store.ts'

/**
 * Pushes bytes into a stage, which pulls them. One chunk is under way at a time, so the slower side sets the pace and
 * memory stays flat.
 */
export class StageSink {
  readonly #written: Promise<StagedBlob>
  #chunk: Uint8Array | null = null
  #ended = false
  #failure: unknown
  #settled = false
  #wakeReader = () => {}
  #wakeWriter = () => {}

  constructor(stage: BlobStage) {
    this.#written = stage.write(this.#chunks())
    const settle = () => {
      this.#settled = true
      this.#wakeWriter()
    }
    this.#written.then(settle, settle)
  }

  /** @throws whatever the stage throws */
  async write(chunk: Uint8Array): Promise<void> {
    this.#chunk = chunk
    this.#wakeReader()
    while (this.#chunk !== null && !this.#settled) {
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve
      })
    }
    if (this.#chunk === null) return
    await this.#written
    throw new Error('the stage ended before its content')
  }

  close(): Promise<StagedBlob> {
    this.#ended = true
    this.#wakeReader()
    return this.#written
  }

  /** Makes the stage's write fail with `reason`, and waits until it has let go. */
  async abort(reason: unknown): Promise<void> {
    this.#failure = reason
    await this.close().catch(() => {})
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#chunk !== null) {
        yield this.#chunk
        this.#chunk = null
        this.#wakeWriter()
      } else if (this.#ended) {
        if (this.#failure !== undefined) throw this.#failure
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve
        })
      }
    }
  }
}
