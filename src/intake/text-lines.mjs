// Lines of text from the pieces in which a page of a PDF draws them.

/** Units of the page (1/72 inch): baselines that lie no further apart are one line. */
const SAME_LINE = 2
/** Of the size of the letters: a wider gap between two pieces stands for a space. */
const SPACE = 0.3

/**
 * @typedef {object} Piece
 * @property {string} str
 * @property {number} width in units of the page
 * @property {readonly number[]} transform from the space of the text to that of the page (ISO 32000-1, 8.3.4)
 */

/** @param {Piece} piece */
const placeOf = ({ str, width, transform: [, , c, d, x, y] }) => ({
  str,
  x,
  y,
  end: x + width,
  size: Math.hypot(c, d),
})

/**
 * The lines of a page from its top, each from left to right, wherever in the file its pieces stand.
 * @param {readonly Piece[]} items as pdf.js tells them
 * @returns {string[]}
 */
export function linesOfItems(items) {
  const pieces = items
    .filter(({ str }) => str !== '')
    .map(placeOf)
    .sort((one, other) => other.y - one.y)
  const lines = []
  for (const piece of pieces) {
    const line = lines.at(-1)
    if (line !== undefined && line.y - piece.y <= SAME_LINE) line.pieces.push(piece)
    else lines.push({ y: piece.y, pieces: [piece] })
  }
  return lines.map(({ pieces }) => joined(pieces.sort((one, other) => one.x - other.x)))
}

function joined(pieces) {
  let [text, end] = ['', Number.POSITIVE_INFINITY]
  for (const piece of pieces) {
    text += (piece.x - end > SPACE * piece.size ? ' ' : '') + piece.str
    end = piece.end
  }
  return text
}
