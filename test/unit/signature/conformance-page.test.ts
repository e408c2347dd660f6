import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import t from 'tap'
import { CORPORA } from '../../../scripts/conformance/corpora.ts'
import { conformancePage, type Explanations } from '../../../scripts/conformance/page.ts'
import type { CorpusResult } from '../../../scripts/conformance/run-corpus.ts'

const page = await readFile('docs/conformance.md', 'utf8')
const { verdicts, facts } = JSON.parse(
  await readFile('scripts/conformance/explained.json', 'utf8'),
) as Explanations
const explained = [...Object.keys(verdicts), ...facts.flatMap(({ cases }) => cases)]
const ROOT = resolve('../shared/corpora')
const skip = existsSync(ROOT) ? false : 'the corpora are not at hand'

t.test('the page has a row for each corpus', async (t) => {
  const table = page.slice(page.indexOf('## Verdicts'), page.indexOf('## Facts'))
  const rows = [...table.matchAll(/^\| ([\w-]+) \| \d/gm)].map(([, name]) => name)
  t.same(rows, Object.keys(CORPORA))
})

t.test('the page explains everything on it, and nothing that is not on it', async (t) => {
  t.notMatch(page, 'not explained')
  for (const id of explained) t.ok(page.includes(`\`${id}\``), id)
  for (const words of [...Object.values(verdicts), ...facts.map(({ why }) => why)])
    t.ok(page.includes(words), words)
  const disagreements = page.slice(page.indexOf('## Disagreements'), page.indexOf('## Left out'))
  for (const line of disagreements.split('\n').filter((one) => one.startsWith('- `'))) {
    const id = /^- `([^`]+)`/.exec(line)![1]!
    t.ok(id in verdicts, `${id} is explained`)
  }
})

t.test('what is explained are cases of the corpora', { skip }, async (t) => {
  const known = new Set<string>()
  for (const name of Object.keys(CORPORA)) {
    const list = join(ROOT, name, 'cases.json')
    if (!existsSync(list)) continue
    const { cases } = JSON.parse(await readFile(list, 'utf8')) as { cases: { id: string }[] }
    for (const { id } of cases) known.add(id)
  }
  for (const id of explained) t.ok(known.has(id), id)
})

t.test('the page is what a run writes now', { skip }, async (t) => {
  for (const name of ['pyhanko-pdf', 'pdf-misc', 'dss-cades', 'cms-misc']) {
    const result = await CORPORA[name]!(join(ROOT, name))
    if (result === undefined) continue
    const lines = conformancePage([result], [], { verdicts, facts }).split('\n')
    for (const line of lines.filter((one) => one.includes(name))) t.ok(page.includes(line), line)
  }
})

t.test('a fact that differs is on the page, with its reason or as not explained', async (t) => {
  const fact = { name: 'value', expected: true, answered: null, agrees: false }
  const judged = (id: string) => ({
    id,
    expected: 'intact',
    answered: 'intact',
    outcome: 'agree' as const,
    why: '',
    facts: [fact, { ...fact, agrees: true }],
    milliseconds: 0,
  })
  const result: CorpusResult = {
    name: 'some',
    cases: 2,
    judged: [judged('some/known'), judged('some/other')],
    leftOut: new Map([['nothing is there', 2]]),
  }
  const written = conformancePage([result], [], {
    verdicts: {},
    facts: [{ fact: 'value', cases: ['some/known'], why: 'Because.' }],
  })
  t.match(written, '- value: Because. **·** `some/known`: expected true, answered unknown')
  t.match(written, '- value: not explained yet. **·** `some/other`')
  t.match(written, '- 2 cases: nothing is there.')
})
