import { readFile } from 'node:fs/promises'
import { KeyFault } from './key-fault.ts'
import {
  type Attribute,
  CK,
  type Cryptoki,
  codeOf,
  type Handle,
  isLost,
  type Mechanism,
  openModule,
  restartModule,
  startsOf,
  underWay,
} from './pkcs11-library.ts'
import type { Pkcs11Uri, TokenTraits } from './pkcs11-uri.ts'

/** A place in the token where one operation runs at a time. */
interface Session {
  readonly handle: Handle
  readonly key: Handle
  /** The connection and the start of the module that it was opened in: handles of earlier ones mean nothing. */
  readonly connection: number
  readonly starts: number
}

const MOST_SESSIONS = 8
const PIN_REFUSED = new Set([0xa0, 0xa1, 0xa2, 0xa3, 0xa4])
const MOST_CERTIFICATES = 64

/**
 * A private key in a PKCS#11 token: a few sessions that share one login, opened when they are needed, and opened anew
 * after the token was away. A PIN that was refused is not tried again: tokens lock themselves.
 */
export class Pkcs11Token {
  readonly #uri: Pkcs11Uri
  readonly #pin: string | undefined
  readonly #free: Session[] = []
  readonly #waiting: (() => void)[] = []
  #module: Cryptoki | undefined
  #slot: { readonly handle: Handle; readonly starts: number } | undefined
  #busy = 0
  #connection = 0
  #refused: Error | undefined

  /** @param pin where the URI has no `pin-source` */
  constructor(uri: Pkcs11Uri, pin: string | undefined) {
    this.#uri = uri
    this.#pin = pin
  }

  /**
   * Signs on the thread pool. Where the token lost the session, it is tried once more over a new one.
   * @throws Error where token, PIN or key are not there, or the token refuses
   */
  async sign(mechanism: Mechanism, data: Buffer, mostBytes: number): Promise<Buffer> {
    try {
      return await this.#signOnce(mechanism, data, mostBytes)
    } catch (error) {
      if (!isLost(error)) throw error
      return this.#signOnce(mechanism, data, mostBytes)
    }
  }

  async #signOnce(mechanism: Mechanism, data: Buffer, mostBytes: number): Promise<Buffer> {
    await this.#turn()
    let session: Session | undefined
    try {
      const held = this.#takeFree() ?? (await this.#open())
      session = held
      const module = this.#module!
      const value = await underWay(module, () => {
        module.C_SignInit(held.handle, mechanism, held.key)
        return module.C_SignAsync(held.handle, data, Buffer.alloc(mostBytes))
      })
      if (this.#isCurrent(held)) this.#free.push(held)
      return Buffer.from(value)
    } catch (error) {
      if (isLost(error)) this.#disconnect(session)
      else if (session !== undefined) this.#close(session)
      throw error
    } finally {
      this.#busy--
      this.#waiting.shift()?.()
    }
  }

  #isCurrent({ connection, starts }: Session): boolean {
    return connection === this.#connection && this.#module !== undefined && starts === startsOf(this.#module)
  }

  /** An open session. Those of before a restart are dropped unclosed: their numbers may be somebody else's by now. */
  #takeFree(): Session | undefined {
    const found = this.#free.pop()
    if (found === undefined || this.#isCurrent(found)) return found
    this.#free.length = 0
    this.#slot = undefined
    return undefined
  }

  /** Waits for one of the places; tokens have few sessions. */
  async #turn(): Promise<void> {
    while (this.#busy >= MOST_SESSIONS) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#busy++
  }

  /** The certificates that lie in the token beside the key; DER, those of the key's CKA_ID first. */
  async certificates(): Promise<Uint8Array[]> {
    const session = await this.#open()
    try {
      const all = this.#find(session.handle, [{ type: CK.attribute.class, value: CK.class.certificate }])
      const id = this.#read(session.handle, session.key, CK.attribute.id)
      const read = all.map((one) => ({
        own: this.#read(session.handle, one, CK.attribute.id).equals(id),
        der: this.#read(session.handle, one, CK.attribute.value),
      }))
      return read.sort((a, b) => Number(b.own) - Number(a.own)).map(({ der }) => der)
    } finally {
      this.#close(session)
    }
  }

  /** Lets the sessions go; a later signature opens new ones. */
  close(): void {
    for (const session of this.#free.splice(0)) this.#close(session)
  }

  async #open(): Promise<Session> {
    if (this.#refused !== undefined) throw this.#refused
    const pin = await this.#readPin()
    this.#module ??= await openModule(this.#uri.modulePath)
    const handle = this.#openSession(this.#module)
    try {
      this.#login(this.#module, handle, pin)
      return {
        handle,
        key: this.#findKey(handle),
        connection: this.#connection,
        starts: startsOf(this.#module),
      }
    } catch (error) {
      this.#closeHandle(handle)
      throw error
    }
  }

  #openSession(module: Cryptoki): Handle {
    try {
      return module.C_OpenSession(this.#slotIn(module), CK.serialSession)
    } catch {
      // Some modules see a token that was put in again only after a restart.
      restartModule(module)
      this.#slot = undefined
      return module.C_OpenSession(this.#slotIn(module), CK.serialSession)
    }
  }

  #slotIn(module: Cryptoki): Handle {
    const starts = startsOf(module)
    if (this.#slot?.starts !== starts) this.#slot = { handle: this.#findSlot(module), starts }
    return this.#slot.handle
  }

  #findSlot(module: Cryptoki): Handle {
    const { token, slotId } = this.#uri
    const slots = module.C_GetSlotList(true).filter((slot) => {
      if (slotId !== undefined && slot.readUInt32LE() !== slotId) return false
      return fits(token, module.C_GetTokenInfo(slot))
    })
    if (slots.length === 1) return slots[0]!
    throw new KeyFault(slots.length === 0 ? 'token-none' : 'token-several')
  }

  #login(module: Cryptoki, session: Handle, pin: string): void {
    try {
      module.C_Login(session, CK.user, pin)
    } catch (error) {
      const code = codeOf(error)
      if (code === CK.alreadyLoggedIn) return
      if (code !== undefined && PIN_REFUSED.has(code)) {
        this.#refused = new KeyFault('pin-refused')
        throw this.#refused
      }
      throw error
    }
  }

  async #readPin(): Promise<string> {
    const { pinSource } = this.#uri
    const pin =
      pinSource === undefined ? this.#pin : (await readFile(pinSource, 'utf8')).replace(/\r?\n$/, '')
    if (pin === undefined) throw new KeyFault('pin-missing')
    return pin
  }

  #findKey(session: Handle): Handle {
    const { object, id } = this.#uri
    const template: Attribute[] = [{ type: CK.attribute.class, value: CK.class.privateKey }]
    if (object !== undefined) template.push({ type: CK.attribute.label, value: Buffer.from(object) })
    if (id !== undefined) template.push({ type: CK.attribute.id, value: Buffer.from(id, 'hex') })
    const found = this.#find(session, template)
    if (found.length === 1) return found[0]!
    throw new KeyFault(found.length === 0 ? 'token-key-none' : 'token-key-several')
  }

  #find(session: Handle, template: readonly Attribute[]): Handle[] {
    const module = this.#module!
    module.C_FindObjectsInit(session, template)
    try {
      return module.C_FindObjects(session, MOST_CERTIFICATES)
    } finally {
      module.C_FindObjectsFinal(session)
    }
  }

  #read(session: Handle, object: Handle, type: number): Buffer {
    return this.#module!.C_GetAttributeValue(session, object, [{ type }])[0]!.value
  }

  /** Everything opened so far is of no use any more. */
  #disconnect(session: Session | undefined): void {
    this.#connection++
    this.#slot = undefined
    for (const one of [...this.#free.splice(0), ...(session === undefined ? [] : [session])]) this.#close(one)
  }

  #close(session: Session): void {
    if (this.#module !== undefined && session.starts === startsOf(this.#module))
      this.#closeHandle(session.handle)
  }

  #closeHandle(handle: Handle): void {
    try {
      this.#module?.C_CloseSession(handle)
    } catch {
      // It is gone already.
    }
  }
}

/** Names in a token are padded with blanks (PKCS#11 §4.4). */
function fits(
  wanted: TokenTraits,
  found: { label: string; serialNumber: string; manufacturerID: string; model: string },
) {
  const same = (a: string | undefined, b: string) => a === undefined || a === b.replace(/[ \0]+$/, '')
  return (
    same(wanted.label, found.label) &&
    same(wanted.serialNumber, found.serialNumber) &&
    same(wanted.manufacturer, found.manufacturerID) &&
    same(wanted.model, found.model)
  )
}
