import { access, readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { GENERATED_DOCS } from '../scripts/write-docs.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Every page for people, by its path from the root of the project. */
async function pages(): Promise<string[]> {
  const names = await readdir(join(ROOT, 'docs'), { recursive: true })
  const top = (await readdir(ROOT)).filter((name) => name.endsWith('.md'))
  return [...top, ...names.filter((name) => name.endsWith('.md')).map((name) => join('docs', name))]
}

const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8')

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

const withoutCode = (markdown: string): string =>
  markdown.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '')
const anchorsIn = (markdown: string): Set<string> =>
  new Set(
    Array.from(markdown.replace(/```[\s\S]*?```/g, '').matchAll(/^#+ +(.+)$/gm), ([, text = '']) =>
      anchorOf(text),
    ),
  )

/** Links of a page to something in this project: `[path, anchor]`. */
const linksIn = (markdown: string): [path: string, anchor: string][] =>
  Array.from(withoutCode(markdown).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g), ([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/i.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#')
      return [decodeURIComponent(path), decodeURIComponent(anchor)]
    })

async function brokenLinks(page: string, markdown: string): Promise<string[]> {
  const broken: string[] = []
  for (const [path, anchor] of linksIn(markdown)) {
    const target = path === '' ? page : join(dirname(page), path)
    const there = await access(join(ROOT, target)).then(
      () => true,
      () => false,
    )
    const found =
      there && (anchor === '' || anchorsIn(path === '' ? markdown : await read(target)).has(anchor))
    if (!found) broken.push(`${page}: ${path}${anchor === '' ? '' : `#${anchor}`}`)
  }
  return broken
}

t.test('the generated pages are what the code says', async (t) => {
  for (const [path, make] of Object.entries(GENERATED_DOCS))
    t.equal(await read(path), make(), `${path} (npm run docs writes it)`)
})

t.test('every relative link leads somewhere', async (t) => {
  const all = await pages()
  t.ok(all.length >= 5, 'the pages were found')
  for (const page of all) t.strictSame(await brokenLinks(page, await read(page)), [], page)
})

t.test('a broken link is noticed', async (t) => {
  const page = 'docs/README.md'
  t.strictSame(await brokenLinks(page, '[a](no-such-page.md)'), ['docs/README.md: no-such-page.md'])
  t.strictSame(await brokenLinks(page, '[a](state-machines.md#no-such-heading)'), [
    'docs/README.md: state-machines.md#no-such-heading',
  ])
  t.strictSame(await brokenLinks(page, '[a](https://example.vn/x) `[b](no-such-page.md)`'), [])
  t.strictSame(await brokenLinks(page, '# Một tiêu đề\n[a](#một-tiêu-đề)'), [])
})

t.test('the index names every page', async (t) => {
  const index = 'docs/README.md'
  const named = new Set(linksIn(await read(index)).map(([path]) => join(dirname(index), path)))
  const folders = [...named].filter((path) => !path.endsWith('.md'))
  const unnamed = (await pages())
    .filter((page) => page.startsWith('docs') && page !== index && !named.has(page))
    .filter((page) => !folders.some((folder) => !relative(folder, page).startsWith('..')))
  t.strictSame(unnamed, [])
})
