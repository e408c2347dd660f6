import { type Checker, itemsOf } from '../check.ts'
import { OK, refused } from '../judge.ts'
import { CIRCULAR } from '../world.ts'

const NAME = 'Trung tâm Phục vụ hành chính công Đắk Ơ'
const body = (code: string, pcode = 'H90') =>
  JSON.stringify({ id: '', pcode, code, name: NAME, mail: 'ttpvhcc@h90.gov.vn', mobile: '0900', fax: '' })

/** The directory: lists, wishes, and who may not wish. */
export async function directorySteps({ open }: Checker): Promise<void> {
  const ministry = await open('dms.ministry')
  const holds = (code: string, name: string) => (data: unknown) =>
    itemsOf({ data }).some((item) => item.code === code && item.name === name)
  const all = (data: unknown) => itemsOf({ data }).length === CIRCULAR.length + 5
  await ministry.check('every open agency', 'getAgenciesList', {}, { ...OK, data: all })
  await ministry.check(
    'names with their diacritics',
    'getAgenciesList',
    {},
    {
      ...OK,
      data: holds('G90', 'Bộ Thử nghiệm'),
    },
  )
  await ministry.check(
    'level 1',
    'getAgenciesListQD20',
    { level: '1' },
    {
      ...OK,
      data: (data) => itemsOf({ data }).length === 3,
    },
  )
  await ministry.check(
    'who has closed is named, too',
    'getSynchronizeUnit',
    {},
    {
      ...OK,
      data: (data) => itemsOf({ data }).some(({ code, deleted }) => code === 'H90.11' && deleted === true),
    },
  )

  const province = await open('dms.province')
  const taken = { ...OK, ErrorDesc: /Đã ghi nhận đề nghị/ }
  await province.check('a wish', 'registerAgency', {}, taken, body('H90.50'))
  await province.check('the same wish', 'registerAgency', {}, taken, body('H90.50'))
  await province.check('an end', 'deleteAgency', { AgencyCode: 'H90.32' }, taken)
  await province.check("another's agency", 'registerAgency', {}, { status: 'FAIL' }, body('H91.50', 'H91'))
  await province.check('a body that is none', 'registerAgency', {}, refused('10', 'request-malformed'), '[1,')
  await province.check('no code', 'registerAgency', {}, refused('10', 'request-invalid'), '{"name":"Xã"}')
  await ministry.check(
    'a right that lacks',
    'registerAgency',
    {},
    refused('15', 'scope-insufficient'),
    body('G90.1'),
  )
  await ministry.check(
    'a right that lacks',
    'deleteAgency',
    { AgencyCode: 'G90' },
    refused('15', 'scope-insufficient'),
  )
}
