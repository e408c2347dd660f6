/** One import of a source file, as far as the rules look at it. */
export interface Import {
  /** As written: `../db/pool.ts`, `node:fs`, `pg`. */
  readonly from: string
  /** Erased before the code runs. */
  readonly typeOnly: boolean
  /** What stands between the keyword and `from`. */
  readonly names: string
}

export interface Scan {
  /** The code without comments, and without what stands in strings; as long as the source, line for line. */
  readonly bare: string
  /** The contents of string and template literals. */
  readonly strings: readonly string[]
  readonly imports: readonly Import[]
}

// In this order: a comment in a string is none, and a quote in a comment opens nothing. A slash opens a regular
// expression only where a value may begin.
const TOKENS = [
  String.raw`\/\/[^\n]*`,
  String.raw`\/\*[\s\S]*?\*\/`,
  String.raw`'(?:\\[\s\S]|[^'\\\n])*'`,
  String.raw`"(?:\\[\s\S]|[^"\\\n])*"`,
  String.raw`\`(?:\\[\s\S]|[^\`\\])*\``,
  String.raw`(?<=(?:^|[=(,:[!&|?{};\n]|=>|return|case)[ \t]*)\/(?![*\/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^\/\\\n[])+\/[a-z]*`,
].join('|')

const blank = (text: string): string => text.replace(/[^\n]/g, ' ')
const isString = (token: string): boolean => /^['"`]/.test(token)

/** Reads what the rules need from a source file. A template counts as one string, whatever is spliced into it. */
export function scan(source: string): Scan {
  const strings: string[] = []
  const kept = (keepStrings: boolean) =>
    source.replace(new RegExp(TOKENS, 'g'), (token) => {
      if (!isString(token)) return blank(token)
      if (keepStrings) return token
      strings.push(token.slice(1, -1))
      return token[0] + blank(token.slice(1, -1)) + token[0]
    })
  const bare = kept(false)
  return { bare, strings, imports: importsOf(kept(true)) }
}

const STATEMENT =
  /^[ \t]*(?:import|export)\s+(type\s+)?((?:[\w$*]+\s*,?\s*)?(?:\{[^}]*\}|\*\s*(?:as\s+[\w$]+)?)?)\s*from\s*['"]([^'"]+)['"]/gm
const SIDE_EFFECT = /^[ \t]*import\s+['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\s*\(\s*['"]([^'"]+)['"]/g

function importsOf(code: string): Import[] {
  const found: Import[] = []
  for (const [, type, names = '', from = ''] of code.matchAll(STATEMENT)) {
    found.push({ from, typeOnly: type !== undefined || onlyTypesIn(names), names })
  }
  for (const pattern of [SIDE_EFFECT, DYNAMIC]) {
    for (const [, from = ''] of code.matchAll(pattern)) found.push({ from, typeOnly: false, names: '' })
  }
  return found
}

const onlyTypesIn = (names: string): boolean => {
  const list = /^\{([^}]*)\}$/.exec(names.trim())?.[1]?.split(',')
  return (
    list?.every((name) => name.trim() === '' || name.trim().startsWith('type ')) === true &&
    names.includes('type ')
  )
}
