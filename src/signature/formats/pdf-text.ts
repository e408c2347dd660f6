/** A text string (ISO 32000-2 §7.9.2.2): UTF-16BE or UTF-8 behind their marks; PDFDocEncoding read as Latin-1. */
export function pdfText(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1')
  if (latin1.startsWith('\xfe\xff'))
    return bytes
      .subarray(2, bytes.length - (bytes.length % 2))
      .swap16()
      .toString('utf16le')
  return latin1.startsWith('\xef\xbb\xbf') ? bytes.subarray(3).toString('utf8') : latin1
}
