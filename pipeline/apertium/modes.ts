import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where Debian's language pairs install their modes. */
export const MODES_DIR = '/usr/share/apertium/modes'

/** One installed direction, with its languages as ISO 639-1 codes. */
export interface Mode {
  readonly source: string
  readonly target: string
  /** The mode file. */
  readonly path: string
}

// Two plain codes only: variants (`eng_US`, `cat_valencia`, `eco-es-fr`) are other forms of a pair that is there anyway.
const MODE_FILE = /^([a-z]{2,3})-([a-z]{2,3})\.mode$/

/** The ISO 639-1 code of a code of two or three letters (`spa` -> `es`); one that has none stays as it is. */
function shortCode(code: string): string {
  return new Intl.Locale(code).language
}

/** The directions installed in a folder, sorted; none when there is no such folder. */
export function installedModes(directory: string = MODES_DIR): Mode[] {
  const modes = new Map<string, Mode>()
  for (const file of listFiles(directory)) {
    const [, from, to] = MODE_FILE.exec(file) ?? []
    if (from === undefined || to === undefined) continue
    const mode = { source: shortCode(from), target: shortCode(to), path: join(directory, file) }
    const key = `${mode.source}-${mode.target}`
    // `es-gl` and `spa-glg` are one direction: the first is kept.
    if (mode.source !== mode.target && !modes.has(key)) modes.set(key, mode)
  }
  return [...modes.values()]
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory).sort()
  } catch {
    return []
  }
}
