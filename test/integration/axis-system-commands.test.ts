import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { testGateway } from '../support/gateway.ts'
import { tram } from '../support/run-tram.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const gateway = await testGateway(t)
const folder = await temporaryFolder(t)
Object.assign(process.env, gateway.variables)
delete process.env.REDIS_URL
const find = (systemId: string) => gateway.api.axisSystems?.find(systemId)
const json = ({ exit, out, err }: Awaited<ReturnType<typeof tram>>): Record<string, unknown> => {
  if (exit !== 0) throw new Error(err)
  return JSON.parse(out)
}

t.test('a system from its creation to its end', async (t) => {
  const created = json(
    await tram(
      ...['axis-system', 'create', 'gateway.h90', '--name', 'Trục tỉnh', '--agency', 'H90'],
      ...['--serves-beneath', 'H90', '--serves', 'H91', '--right', 'gateway', '--network', '10.0.0.0/8'],
    ),
  )
  t.match(created, { systemId: 'gateway.h90', secret: /^[\w-]{43}$/ })
  const found = await find('gateway.h90')
  t.strictSame(found?.secrets, [created.secret], 'under the same secret of the gateway as the API')
  t.match(
    found?.system,
    {
      serves: [
        { code: 'H90', withBeneath: true },
        { code: 'H91', withBeneath: false },
      ],
      rights: ['gateway'],
      networks: ['10.0.0.0/8'],
      proposal: null,
    },
    'an operator of the machine gives it all',
  )
  t.match(json(await tram('axis-system', 'create', 'dms.h91', '--name', 'QLVB', '--agency', 'H91')), {})
  const listed = await tram('axis-system', 'list')
  t.match(listed.out, /^dms\.h91 +H91 +1 +- +active +QLVB$/m)
  t.match(listed.out, /^gateway\.h90 +H90 +2\+ +gateway +active +Trục tỉnh$/m)
  const changed = json(
    await tram('axis-system', 'change', 'gateway.h90', '--right', '', '--network', '', '--serves', 'H90'),
  )
  const { rights, networks, serves } = changed
  t.strictSame([rights, networks, serves], [[], [], [{ code: 'H90', withBeneath: false }]])
  const rotated = json(await tram('axis-system', 'rotate', 'gateway.h90'))
  const shown = await tram('axis-system', 'show', 'gateway.h90')
  t.match(json(shown), { systemId: 'gateway.h90', secrets: [{ expiresAt: null }, { expiresAt: /^2/ }] })
  for (const { secret } of [created, rotated]) t.notMatch(shown.out + listed.out, String(secret))
  t.match(await tram('doctor'), { out: /ĐẠT\/ok .*secrets of axis systems: those of 2 systems opened/ })
  const last = json(await tram('axis-system', 'rotate', 'gateway.h90', '--grace', '0'))
  t.match(json(await tram('axis-system', 'show', 'gateway.h90')), { secrets: { length: 1 } })
  t.ok(last.secret)
  t.match(await tram('axis-system', 'revoke', 'gateway.h90'), { exit: 0 })
  t.match((await tram('axis-system', 'list')).out, /^gateway\.h90 .* revoked \d{4}/m)
})

t.test('what is wrong is told, without a stack', async (t) => {
  for (const args of [
    ['create'],
    ['create', 'x.y.z', '--name', 'N'],
    ['create', 'x.y.z', '--agency', 'H90', '--name', 'N', '--right', 'king'],
    ['create', 'x.y.z', '--agency', 'H90', '--name', 'N', '--serves', 'H90; drop'],
    ['change', 'dms.h91'],
    ['rotate', 'dms.h91', '--grace', 'long'],
    ['revoke'],
  ]) {
    const { exit, err } = await tram('axis-system', ...args)
    t.equal(exit, 2, args.join(' '))
    t.match(err, /tram axis-system/)
    t.notMatch(err, /\.ts:/)
  }
  const faulty = ['--network', '10.0.0.0/40', '--serves', 'H77', '--certificate', 'ABC']
  const { exit, err } = await tram('axis-system', 'change', 'dms.h91', ...faulty)
  t.equal(exit, 1)
  for (const code of [
    'network-malformed',
    'agency-unknown',
    'certificate-malformed',
    'own-agency-not-served',
  ])
    t.match(err, new RegExp(code))
  t.match(await tram('axis-system', 'show', 'nobody'), { exit: 1, err: /not-found/ })
})

t.test('under another secret of the gateway nothing opens, and the doctor says so', async (t) => {
  const other = join(folder, 'other')
  await writeFile(other, 'một chuỗi ngẫu nhiên khác, cũng đủ dài')
  process.env.TRAM_AXIS_SECRETS = other
  t.match(await tram('doctor'), { exit: 1, out: /LỖI\/failed .*axis systems: cannot be opened: dms\.h91/ })
  delete process.env.TRAM_AXIS_SECRETS
  t.match(await tram('doctor'), {
    exit: 1,
    out: /axis systems: some are kept, but TRAM_AXIS_SECRETS is not set/,
  })
  const create = ['axis-system', 'create', 'dms.none', '--name', 'N', '--agency', 'H90']
  t.match(await tram(...create), { exit: 2, err: /TRAM_AXIS_SECRETS is not set/ })
  t.match(await tram('axis-system', 'revoke', 'dms.h91'), { exit: 0 }, 'revoking needs none')
})
