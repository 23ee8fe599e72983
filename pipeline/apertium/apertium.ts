import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Translator } from '../translator.ts'
import { escapeText, unescapeText } from './escape.ts'
import { installedModes, MODES_DIR, type Mode } from './modes.ts'
import { createWarmProcess, type EngineLog, type WarmProcess } from './process.ts'
import { findRoutes } from './routes.ts'
import { likeOriginal, splitSentences, withFinalStop } from './sentences.ts'

export interface ApertiumOptions {
  log: EngineLog
  /** Where the mode files are. */
  modesDir?: string
  /** Directions to start at once, as `en-es`; the others start at first use. */
  prewarm?: readonly string[]
  /** How long one sentence may take. */
  timeoutMs?: number
}

const run = promisify(execFile)
// Prints a mode's shell pipeline with the options that keep it running from one request to the next.
const MODE_PRINTER = 'apertium-wblank-mode'

/**
 * The embedded translation engine: the apertium language pairs installed on this machine, each direction as one warm
 * shell pipeline. Null when none is installed.
 */
export function createApertium(options: ApertiumOptions): Translator | null {
  const { log, modesDir = MODES_DIR, prewarm = [], timeoutMs } = options
  const modes = installedModes(modesDir)
  if (modes.length === 0 || !isInstalled(MODE_PRINTER)) return null
  const routes = findRoutes(modes)
  const pairs = [...routes.values()].map(({ source, target, engine }) => ({ source, target, engine }))
  const processes = new Map<string, WarmProcess>()
  const killAll = (): void => {
    for (const process of processes.values()) process.kill()
  }
  let closed = false
  process.once('exit', killAll)

  function processOf(mode: Mode): WarmProcess {
    if (closed) throw new Error('The translation engine is closed.')
    const known = processes.get(mode.path)
    if (known) return known
    const created = createWarmProcess({
      name: `${mode.source}-${mode.target}`,
      command: async () => (await run(MODE_PRINTER, ['-z', mode.path], { timeout: 5_000 })).stdout.trim(),
      warmUp: 'Hello.',
      log,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
    processes.set(mode.path, created)
    return created
  }

  async function translateSentence(sentence: string, hops: readonly Mode[], signal?: AbortSignal): Promise<string> {
    let text = sentence
    for (const hop of hops) text = unescapeText(await processOf(hop).ask(escapeText(withFinalStop(text)), signal))
    return likeOriginal(text, sentence)
  }

  for (const direction of prewarm) {
    for (const hop of routes.get(direction)?.hops ?? []) void processOf(hop).prewarm()
  }

  return {
    name: 'apertium',
    pairs: () => pairs,
    async translate({ text, source, target, signal }) {
      const route = routes.get(`${source}-${target}`)
      if (!route) throw new Error(`No way from ${source} to ${target}.`)
      const translated: string[] = []
      // One by one: the engine carries state from one sentence to the next.
      for (const piece of splitSentences(text, source)) {
        signal?.throwIfAborted()
        translated.push(piece.translatable ? await translateSentence(piece.text, route.hops, signal) : piece.text)
      }
      return { text: translated.join(''), engine: route.engine }
    },
    async close() {
      closed = true
      process.off('exit', killAll)
      await Promise.all([...processes.values()].map((process) => process.close()))
    },
  }
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
