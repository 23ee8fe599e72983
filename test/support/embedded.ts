import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { createEmbeddedTranscriber, type EmbeddedTranscriberOptions } from '../../pipeline/embedded.ts'
import type { Transcriber } from '../../pipeline/transcriber.ts'
import { modelsFolder } from '../../scripts/setup/models.ts'

/** The embedded transcriber with the real models, closed at the end of the test. */
export function embedded(t: Test, options: Partial<EmbeddedTranscriberOptions> = {}): Transcriber {
  const engine = createEmbeddedTranscriber({ log: { warn: () => undefined }, modelsDir: modelsFolder(), ...options })
  if (!engine) throw new Error('The speech models are missing: npm run setup')
  t.teardown(() => engine.close())
  return engine
}

/** A models folder that has only some of the models. */
export function modelsWith(t: Test, ...folders: readonly string[]): string {
  const path = mkdtempSync(join(tmpdir(), 'fluentmeet-models-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  for (const folder of folders) symlinkSync(join(modelsFolder(), folder), join(path, folder))
  return path
}
