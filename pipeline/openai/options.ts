/** Where an OpenAI-compatible server is. */
export interface OpenAiOptions {
  /** Shown to people as the engine; `openai` when absent. */
  name?: string
  /** With the version: `https://api.openai.com/v1`. */
  url: string
  /** Null: the server asks for none. */
  key: string | null
  model: string | null
}

export function bearer(key: string | null): Record<string, string> {
  return key === null ? {} : { authorization: `Bearer ${key}` }
}
