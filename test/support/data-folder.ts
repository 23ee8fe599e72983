import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Teardown } from './postgres.ts'

/**
 * A data folder of the test's own, removed after whatever was opened in it is closed: teardowns run last in, first out,
 * while tap removes its own `testdir()` before them. In a whole run it holds an embedded database that was initialised
 * once and is copied, for to initialise one takes seconds of the processor.
 */
export function dataFolder(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), 'fluentmeet-data-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const initialised = process.env.TEST_DATA_FOLDER
  if (initialised) cpSync(initialised, folder, { recursive: true })
  return folder
}
