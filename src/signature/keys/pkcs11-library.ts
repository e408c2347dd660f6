import { KeyFault } from './key-fault.ts'

/*
 * The part of Cryptoki (PKCS#11 2.40) that signing needs, as the optional package `pkcs11js` offers it. Described here,
 * for the package is compiled where it is installed, and may be absent.
 */

/** Of a session, an object, a slot. */
export type Handle = Buffer

export interface Attribute {
  readonly type: number
  readonly value?: Buffer | number | boolean | undefined
}

export interface Mechanism {
  readonly mechanism: number
  readonly parameter?: {
    readonly type: number
    readonly hashAlg: number
    readonly mgf: number
    readonly saltLen: number
  }
}

export interface TokenInfo {
  readonly label: string
  readonly manufacturerID: string
  readonly model: string
  readonly serialNumber: string
}

export interface Cryptoki {
  load(path: string): void
  C_Initialize(options: { readonly flags: number }): void
  C_Finalize(): void
  C_GetSlotList(tokenPresent: boolean): Handle[]
  C_GetTokenInfo(slot: Handle): TokenInfo
  C_OpenSession(slot: Handle, flags: number): Handle
  C_CloseSession(session: Handle): void
  C_Login(session: Handle, userType: number, pin: string): void
  C_FindObjectsInit(session: Handle, template: readonly Attribute[]): void
  C_FindObjects(session: Handle, most: number): Handle[]
  C_FindObjectsFinal(session: Handle): void
  C_GetAttributeValue(session: Handle, object: Handle, template: readonly Attribute[]): { value: Buffer }[]
  C_SignInit(session: Handle, mechanism: Mechanism, key: Handle): void
  C_SignAsync(session: Handle, data: Buffer, into: Buffer): Promise<Buffer>
}

/** Values of PKCS#11 2.40. */
export const CK = {
  locking: 0x2,
  serialSession: 0x4,
  user: 1,
  attribute: { class: 0x0, token: 0x1, label: 0x3, value: 0x11, id: 0x102 },
  class: { certificate: 0x1, privateKey: 0x3 },
  mechanism: { rsa: 0x1, rsaPss: 0xd, ecdsa: 0x1041 },
  pssParameters: 5,
  notInitialized: 0x190,
  alreadyInitialized: 0x191,
  alreadyLoggedIn: 0x100,
} as const

/** For RSASSA-PSS: CKM_SHA… and CKG_MGF1_SHA…. */
export const PSS_HASHES: Readonly<Record<string, { hash: number; mgf: number; length: number }>> = {
  sha256: { hash: 0x250, mgf: 2, length: 32 },
  sha384: { hash: 0x260, mgf: 3, length: 48 },
  sha512: { hash: 0x270, mgf: 4, length: 64 },
}

/**
 * What a token answers when it was pulled out, put back, or restarted: sessions, logins and handles are gone, and a new
 * session may well work. DEVICE_ERROR, DEVICE_REMOVED, OBJECT_HANDLE_INVALID, KEY_HANDLE_INVALID, OPERATION_ACTIVE,
 * SESSION_CLOSED, SESSION_HANDLE_INVALID, TOKEN_NOT_PRESENT, TOKEN_NOT_RECOGNIZED, USER_NOT_LOGGED_IN,
 * CRYPTOKI_NOT_INITIALIZED, SLOT_ID_INVALID, GENERAL_ERROR.
 */
const LOST = new Set([0x30, 0x32, 0x82, 0x60, 0x90, 0xb0, 0xb3, 0xe0, 0xe1, 0x101, 0x190, 0x3, 0x5])

/** The code of Cryptoki's answer; undefined where the error is another. */
export const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined

export const isLost = (error: unknown): boolean => LOST.has(codeOf(error) ?? -1)

/** A module is loaded and initialised once in a process, whoever uses it. */
const modules = new Map<string, Promise<Cryptoki>>()

/** @throws Error where the package or the module is not there */
export function openModule(path: string): Promise<Cryptoki> {
  const known = modules.get(path)
  if (known !== undefined) return known
  const opening = load(path).catch((error: unknown) => {
    modules.delete(path)
    throw error
  })
  modules.set(path, opening)
  return opening
}

async function load(path: string): Promise<Cryptoki> {
  const module = await newCryptoki()
  try {
    module.load(path)
  } catch (cause) {
    throw new KeyFault('module-unloadable', { found: path, cause })
  }
  initialize(module)
  return module
}

function initialize(module: Cryptoki): void {
  try {
    module.C_Initialize({ flags: CK.locking })
  } catch (error) {
    if (codeOf(error) !== CK.alreadyInitialized) throw error
  }
}

/** How often a module was started, and what is under way in its threads. */
const states = new WeakMap<Cryptoki, { starts: number; underWay: number }>()

function stateOf(module: Cryptoki) {
  const state = states.get(module) ?? { starts: 1, underWay: 0 }
  states.set(module, state)
  return state
}

/** Handles mean what they meant while this number stays the same: a module that was restarted gives them out again. */
export const startsOf = (module: Cryptoki): number => stateOf(module).starts

/** Does work in the module's threads, during which it is not restarted. */
export async function underWay<T>(module: Cryptoki, work: () => Promise<T>): Promise<T> {
  const state = stateOf(module)
  state.underWay++
  try {
    return await work()
  } finally {
    state.underWay--
  }
}

/**
 * Lets a module look at its slots anew: some see a token that was put in again only so. Every session of every token
 * ends. Does nothing while something is under way.
 */
export function restartModule(module: Cryptoki): void {
  const state = stateOf(module)
  if (state.underWay > 0) return
  state.starts++
  try {
    module.C_Finalize()
  } catch (error) {
    if (codeOf(error) !== CK.notInitialized) throw error
  }
  initialize(module)
}

async function newCryptoki(): Promise<Cryptoki> {
  // Not a literal: the compiler must not look for a package that may be absent.
  const name: string = 'pkcs11js'
  const loaded: unknown = await import(name).catch((cause: unknown) => {
    throw new KeyFault('module-package', { cause })
  })
  const { PKCS11 } = loaded as { readonly PKCS11: new () => Cryptoki }
  return new PKCS11()
}
