import type { Bilingual } from '../../domain/bilingual.ts'
import type { SuccessorHop } from '../../domain/directory/resolution.ts'
import { SUCCESSION_ACTS } from '../../domain/directory/succession.ts'

/** Lines for people. */
export type Words = readonly Bilingual[]

export const line = (vi: string, en: string): Bilingual => ({ vi, en })

/** Which code an alias stands for; nothing where the code itself was used. */
export const aliasLine = (alias: string | null, code: string): Words =>
  alias === null
    ? []
    : [line(`  ${alias} là mã khác của ${code}`, `  ${alias} is another spelling of ${code}`)]

/** One step of a succession, with both names. */
export function hopLine({ from, to, act, on, basis }: SuccessorHop): Bilingual {
  const words = SUCCESSION_ACTS[act]
  return line(
    `  ${from.name} (${from.code}) ${words.vi} từ ${on}${basis === null ? '' : ` theo ${basis}`} → ${to.name} (${to.code})`,
    `  ${from.name} (${from.code}) ${words.en} on ${on}${basis === null ? '' : ` by ${basis}`} → ${to.name} (${to.code})`,
  )
}
