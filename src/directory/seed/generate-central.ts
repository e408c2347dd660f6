import type { NewFact } from '../../domain/directory/fact.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import type { TopAgency } from './level-one.ts'
import { ASSOCIATION_UNITS, CENTRAL_UNITS } from './names.ts'
import { agencyFacts } from './seed-facts.ts'

/** The units of a central body. With one that closed its units closed too; what is addressed to them goes where its own does. */
export function* centralUnits(body: TopAgency): Generator<NewFact> {
  const names = /^[G]/.test(body.code) ? CENTRAL_UNITS : ASSOCIATION_UNITS
  for (const [index, name] of names.entries()) {
    const code = `${body.code}.${String(index + 1).padStart(2, '0')}`
    yield* agencyFacts({
      code,
      name: `${name}, ${body.name}`,
      tier: body.tier,
      parent: body.code,
      from: body.from,
      to: body.to,
      aliased: true,
    })
    if (body.to === null) continue
    const heirs = body.heir === null ? [] : [{ code: agencyCode(body.heir) }]
    yield {
      subject: agencyCode(code),
      kind: 'succession',
      value: {
        act: 'closure',
        heirs,
        main: heirs[0]?.code ?? null,
        whenAddressed: 'redirect',
        whenInFlight: heirs.length === 0 ? 'keep' : 'redirect',
        basis: '09/2025/QĐ-TTg',
      },
      validFrom: body.to,
      validTo: null,
    }
  }
}
