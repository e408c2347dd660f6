import { Socket } from 'node:net'

type Written = (error?: Error | null) => void

/**
 * A socket that sends what is written in one turn of the process together: statements between which nobody waits are
 * one packet and one system call, and wake the server once.
 */
export class BatchingSocket extends Socket {
  #held = false

  override cork(): void {
    this.#hold()
    super.cork()
  }

  override write(
    chunk: Uint8Array | string,
    encoding?: BufferEncoding | Written,
    written?: Written,
  ): boolean {
    this.#hold()
    return typeof encoding === 'string' ? super.write(chunk, encoding, written) : super.write(chunk, encoding)
  }

  #hold(): void {
    if (this.#held) return
    this.#held = true
    super.cork()
    process.nextTick(() => {
      this.#held = false
      super.uncork()
    })
  }
}
