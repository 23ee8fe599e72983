import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const IMPORTED = /(?:from|import)\s*\(?\s*'(\.[^']+)'/g

/** The modules of ours that are loaded, directly or by others, from the given ones; paths below the folder. */
export function reachable(folder: string, entries: readonly string[]): Set<string> {
  const found = new Set<string>()
  const open = [...entries]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue
    found.add(path)
    if (!existsSync(join(folder, path))) throw new Error(`${path} is imported and is not there`)
    for (const [, to = ''] of readFileSync(join(folder, path), 'utf8').matchAll(IMPORTED))
      open.push(join(dirname(path), to))
  }
  return found
}

/** Every module of ours in a folder. */
export const modulesIn = (folder: string): string[] =>
  globSync('**/*.ts', { cwd: folder, exclude: (path) => path.startsWith('node_modules') })
