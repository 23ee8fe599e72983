import { statSync } from 'node:fs'
import { join } from 'node:path'

/** A file of weights: its path below the models folder, and its length in bytes. */
export interface ModelFile {
  readonly path: string
  readonly bytes: number
}

/** The files of each embedded model. `scripts/setup/models.ts` fetches them; their hashes are pinned there. */
export const MODELS = {
  moonshine: {
    encoder: { path: 'moonshine-tiny/encoder_model.onnx', bytes: 7_937_661 },
    decoder: { path: 'moonshine-tiny/decoder_model_merged.onnx', bytes: 20_243_286 },
    tokens: { path: 'moonshine-tiny/tokens.txt', bytes: 533_114 },
  },
  whisper: { model: { path: 'whisper-tiny/ggml-tiny.bin', bytes: 77_691_713 } },
  silero: { model: { path: 'silero-vad/silero_vad_v5.onnx', bytes: 2_327_524 } },
} as const satisfies Record<string, Record<string, ModelFile>>

export type ModelName = keyof typeof MODELS

/**
 * The absolute paths of a model's files by their name, or null when one of them is not there whole. Looks at lengths
 * only: the hashes were checked when the files were put there.
 */
export function modelPaths<N extends ModelName>(
  modelsDir: string,
  name: N,
): Record<keyof (typeof MODELS)[N] & string, string> | null {
  const files: [string, ModelFile][] = Object.entries(MODELS[name])
  const paths = files.map(([key, file]) => [key, join(modelsDir, file.path), file.bytes] as const)
  if (!paths.every(([, path, bytes]) => lengthOf(path) === bytes)) return null
  return Object.fromEntries(paths.map(([key, path]) => [key, path])) as Record<
    keyof (typeof MODELS)[N] & string,
    string
  >
}

function lengthOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1
}
