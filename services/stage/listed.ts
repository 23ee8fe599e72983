import type { PipelineLanguages } from '../../schemas/pipeline.ts'

export type StageLanguages = PipelineLanguages['speech']

/** What engines serve together; the first of them is named. */
export function listed(engines: readonly { readonly name: string; languages(): readonly string[] }[]): StageLanguages {
  const serving = engines.filter((engine) => engine.languages().length > 0)
  const languages = [...new Set(serving.flatMap((engine) => engine.languages()))].sort()
  return { engine: serving[0]?.name ?? null, languages }
}
