import { checkParent, checkTier } from './establish.ts'
import { isKnownAndOpen } from './named-agencies.ts'
import { setFact } from './set-fact.ts'
import type { Carry } from './step.ts'

export const rename: Carry<'rename'> = (step, { code, name, on }) => {
  if (isKnownAndOpen(step, 'agency', 'code', code, on))
    setFact(step, 'name', { name }, { subject: code, on, field: 'name' })
}

export const move: Carry<'move'> = (step, { code, tier, parent, on }) => {
  if (!isKnownAndOpen(step, 'agency', 'code', code, on)) return
  if (tier === undefined && parent === undefined) {
    step.refuse({
      code: 'move-to-nowhere',
      field: '',
      vi: 'Ghi cấp mới, cơ quan chủ quản mới, hoặc cả hai.',
      en: 'Name another tier, another parent, or both.',
    })
    return
  }
  if (tier !== undefined) checkTier(step, tier, on)
  if (parent !== undefined && !checkParent(step, code, parent, on)) return
  const now = step.view.agency(code, on)
  if (now === undefined) return
  const value = { tier: tier ?? now.tier, parent: parent === undefined ? now.parent : parent }
  setFact(step, 'placement', value, { subject: code, on, field: parent === undefined ? 'tier' : 'parent' })
}
