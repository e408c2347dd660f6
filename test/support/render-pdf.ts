import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const isThere = (program: string): boolean => {
  try {
    execFileSync(program, ['-v'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

/** Why tests with poppler cannot run here; false where they can. */
export const noPoppler: string | false = ['pdftoppm', 'pdfsig', 'pdftotext'].every(isThere)
  ? false
  : 'poppler-utils is not installed'

export interface Picture {
  readonly width: number
  readonly height: number
  /** Colour at a point, in pixels from the upper left corner. */
  at(x: number, y: number): readonly [number, number, number]
}

/** A page as poppler shows it, at 72 pixels per inch: one for each unit of the page. */
export function renderPage(folder: string, pdf: Uint8Array, page = 1): Picture {
  const file = join(folder, 'render.pdf')
  writeFileSync(file, pdf)
  const out = join(folder, 'page')
  execFileSync('pdftoppm', ['-r', '72', '-f', `${page}`, '-l', `${page}`, '-singlefile', file, out], {
    stdio: 'pipe',
  })
  const ppm = readFileSync(`${out}.ppm`)
  const [head, width, height] = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(ppm.toString('latin1', 0, 64))!
  return {
    width: Number(width),
    height: Number(height),
    at: (x, y) => {
      const from = head!.length + (Math.floor(y) * Number(width) + Math.floor(x)) * 3
      return [ppm[from]!, ppm[from + 1]!, ppm[from + 2]!]
    },
  }
}

/** What `pdfsig` says of a file, without a certificate store. */
export function pdfsig(folder: string, pdf: Uint8Array): string {
  const file = join(folder, 'signed.pdf')
  writeFileSync(file, pdf)
  // Its exit code is 1 where any signature of the file does not fit: what it says of each is looked at.
  const { stdout } = spawnSync('pdfsig', ['-nocert', file], { encoding: 'utf8' })
  return stdout
}

/** The text layer. */
export function textOfPdf(folder: string, pdf: Uint8Array): string {
  const file = join(folder, 'text.pdf')
  writeFileSync(file, pdf)
  return execFileSync('pdftotext', [file, '-'], { encoding: 'utf8' })
}
