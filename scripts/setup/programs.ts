import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

const DEBIAN_POSTGRES = '/usr/lib/postgresql'
const APERTIUM_SHARES = ['/usr/share/apertium', '/usr/local/share/apertium', '/opt/homebrew/share/apertium']

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The path of a program on the PATH, in the folders where Debian puts it, or where its own path says; null when there is none. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin']
  const paths = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name))
  return paths.find(isExecutable) ?? null
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** The folder that holds `initdb` and `postgres`, the newest first: Debian keeps them off the PATH. Null without one. */
export function postgresFolder(): string | null {
  const debian = entries(DEBIAN_POSTGRES)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN_POSTGRES, version, 'bin'))
  const path = (process.env.PATH ?? '').split(delimiter)
  const complete = (folder: string) => isExecutable(join(folder, 'initdb')) && isExecutable(join(folder, 'postgres'))
  return [...debian, ...path].find(complete) ?? null
}

/** The translation directions that are installed, such as `eng-spa`. */
export function apertiumModes(): Set<string> {
  const files = APERTIUM_SHARES.flatMap((share) => entries(join(share, 'modes')))
  return new Set(files.filter((file) => file.endsWith('.mode')).map((file) => file.slice(0, -'.mode'.length)))
}
