/*
 * A directory as its description has it, and as little of it as can be: agencies that begin, are renamed, move, and end
 * once, each on a day. Nothing here is shared with the gateway.
 */

export type ReplayedAct =
  | { act: 'establish'; on: string; code: string; name: string; tier: string; parent: string | null }
  | { act: 'rename'; on: string; code: string; name: string }
  | { act: 'move'; on: string; code: string; parent: string | null }
  | { act: 'close'; on: string; code: string; successor: string | null; whenAddressed: 'redirect' | 'bounce' }
  | { act: 'merge'; on: string; codes: string[]; into: string; whenAddressed: 'redirect' | 'bounce' }
  | {
      act: 'split'
      on: string
      code: string
      into: { code: string; documentTypes?: string[] }[]
      main: string | null
    }

interface End {
  readonly on: string
  readonly heirs: readonly { readonly code: string; readonly documentTypes?: string[] }[]
  readonly main: string | null
  readonly bounces: boolean
}

interface Agency {
  readonly from: string
  /** By the first day on which each holds. */
  readonly names: Map<string, string>
  readonly parents: Map<string, string | null>
  end: End | null
}

export type Model = Map<string, Agency>

/** What a draft that was approved has said. */
export function carryOut(model: Model, act: ReplayedAct): void {
  switch (act.act) {
    case 'establish':
      model.set(act.code, {
        from: act.on,
        names: new Map([[act.on, act.name]]),
        parents: new Map([[act.on, act.parent]]),
        end: null,
      })
      return
    case 'rename':
      sayFrom(model.get(act.code)!.names, act.on, act.name)
      return
    case 'move':
      sayFrom(model.get(act.code)!.parents, act.on, act.parent)
      return
    case 'close': {
      const heirs = act.successor === null ? [] : [{ code: act.successor }]
      end(model, act.code, {
        on: act.on,
        heirs,
        main: act.successor,
        bounces: act.whenAddressed === 'bounce',
      })
      return
    }
    case 'merge':
      for (const code of act.codes)
        if (code !== act.into)
          end(model, code, {
            on: act.on,
            heirs: [{ code: act.into }],
            main: act.into,
            bounces: act.whenAddressed === 'bounce',
          })
      return
    case 'split':
      end(model, act.code, { on: act.on, heirs: act.into, main: act.main, bounces: false })
  }
}

function end(model: Model, code: string, ending: End): void {
  const agency = model.get(code)!
  if (agency.end !== null) throw new Error(`${code} has ended twice`)
  agency.end = ending
}

/**
 * Who says what the directory says already changes nothing (and is told so, `nothing-changes`): what is said later of an
 * earlier day goes on beyond it.
 */
function sayFrom<T>(said: Map<string, T>, day: string, value: T): void {
  if (on(said, day) !== value) said.set(day, value)
}

/** What was said last for a day. */
const on = <T>(said: ReadonlyMap<string, T>, day: string): T | undefined => {
  const days = [...said.keys()].filter((one) => one <= day).sort()
  return said.get(days.at(-1) ?? '')
}

export function view(model: Model, code: string, day: string) {
  const { names, parents, end: ending } = model.get(code)!
  const last = ending !== null && ending.on <= day ? before(ending.on) : day
  return { open: last === day, name: on(names, last), parent: on(parents, last) }
}

const before = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)

/** Who gets what is addressed to a code on a day, or why nobody does. */
export function resolve(model: Model, code: string, day: string, documentType: string): string {
  const visited = [code]
  for (let at = code; ; visited.push(at)) {
    const ending = model.get(at)!.end
    if (ending === null || day < ending.on) return at
    const byType = ending.heirs.find(({ documentTypes }) => documentTypes?.includes(documentType))
    const next = byType?.code ?? ending.main
    if (next === null)
      return ending.heirs.length === 0 ? 'closed-without-successor' : 'no-successor-for-document-type'
    if (ending.bounces) return 'closed-and-bounced'
    if (visited.includes(next)) return 'closed-without-successor'
    at = next
  }
}
