/** A text that people read, in Vietnamese and English. */
export interface Bilingual {
  readonly vi: string
  readonly en: string
}
