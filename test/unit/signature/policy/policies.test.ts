import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { SUB_INDICATIONS } from '../../../../src/domain/indication.ts'
import { loadPolicies } from '../../../../src/signature/policy/load-policies.ts'
import { PolicyError, parsePolicy } from '../../../../src/signature/policy/parse-policy.ts'
import { LEVELS, POLICY_CHECKS, STANDARD_POLICY } from '../../../../src/signature/policy/policy-checks.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const parse = (data: unknown) => parsePolicy(JSON.stringify(data), 'x.json')

function faultsOf(work: () => unknown): readonly string[] {
  try {
    work()
  } catch (error) {
    if (error instanceof PolicyError) return error.faults
    throw error
  }
  return []
}

t.test('what a policy does not name has its standard', async (t) => {
  const { policy, documentTypes } = parse({
    id: 'p',
    documentTypes: ['  QUYẾT  định', '2'],
    checks: { 'timestamp-missing': 'fail' },
  })
  t.strictSame(policy, { id: 'p', levels: { ...STANDARD_POLICY.levels, 'timestamp-missing': 'fail' } })
  t.strictSame(documentTypes, ['quyết định', '2'])
})

t.test('every fault of a policy is told at once', async (t) => {
  const faulty = {
    id: ' ',
    documentTypes: 'Quyết định',
    extra: 1,
    checks: { 'no-such-check': 'fail', chain: 'loud', 'digest-sha1': 'ignore', revoked: 'warn' },
  }
  t.strictSame(
    faultsOf(() => parse(faulty)),
    [
      'unknown key extra',
      'id must be a text',
      'documentTypes must be a list of texts',
      'unknown check no-such-check',
      'chain must be one of ignore, warn, fail',
      'digest-sha1 may not be below warn',
      'revoked may not be below fail',
    ],
  )
  for (const text of ['', '[]', 'null', '{'])
    t.throws(() => parsePolicy(text, 'x.json'), PolicyError, text || 'empty')
  t.throws(() => parse({ id: 'p', checks: [] }), PolicyError)
  t.throws(() => parsePolicy('{"id":"p","checks":{"__proto__":"ignore"}}', 'x'), PolicyError)
})

t.test('weakness can never be silenced', async (t) => {
  const weak = [
    'digest-md5',
    'digest-sha1',
    'key-strength',
    'algorithm-strength',
    'certificate-strength',
  ] as const
  for (const check of weak) {
    t.throws(() => parse({ id: 'p', checks: { [check]: 'ignore' } }), PolicyError, check)
    t.equal(parse({ id: 'p', checks: { [check]: 'warn' } }).policy.levels[check], 'warn')
  }
  for (const check of ['chain', 'chain-fault', 'revoked'])
    t.throws(() => parse({ id: 'p', checks: { [check]: 'warn' } }), PolicyError, check)
})

t.test('every check knows its standard, its floor and its sub-indication', async (t) => {
  for (const [id, { standard, least, sub }] of Object.entries(POLICY_CHECKS)) {
    t.ok(LEVELS.indexOf(standard) >= LEVELS.indexOf(least), id)
    t.ok(Object.hasOwn(SUB_INDICATIONS, sub), id)
  }
})

t.test('the policy of a document goes by its type', async (t) => {
  const folder = await temporaryFolder(t)
  const write = (name: string, data: unknown) => writeFile(join(folder, name), JSON.stringify(data))
  await write('a.json', { id: 'general' })
  await write('b.json', { id: 'decisions', documentTypes: ['Quyết định'] })
  await writeFile(join(folder, 'README.md'), 'no policy')
  const policyFor = await loadPolicies(folder)
  t.equal(policyFor({ typeName: 'quyết định'.normalize('NFD') }).id, 'decisions')
  t.equal(policyFor({ typeName: 'Công văn', type: 2 }).id, 'general')
  t.equal(policyFor(undefined).id, 'general')
  await write('c.json', { id: 'again', documentTypes: ['QUYẾT ĐỊNH'] })
  await t.rejects(loadPolicies(folder), /named twice/)
  await t.rejects(loadPolicies(join(folder, 'b.json')), /0 policies are general/)
  t.equal((await loadPolicies(join(folder, 'a.json')))().id, 'general')
})

t.test('the policies that come with the gateway can be used', async (t) => {
  const own = fileURLToPath(new URL('../../../../src/signature/policy/files', import.meta.url))
  t.equal((await loadPolicies())().id, 'vn-government-documents')
  for (const name of await readdir(own)) t.ok(parsePolicy(await readFile(join(own, name), 'utf8'), name))
})
