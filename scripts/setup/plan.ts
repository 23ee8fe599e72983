import { apertiumModes, findProgram, postgresFolder } from './programs.ts'

/** `engines`: what the server can use; `tests`: that, and what only the tests need. */
export type What = 'engines' | 'tests'

/** A translation direction that shows that a Debian package of a language pair is there. */
const PAIRS: Record<string, string> = {
  'apertium-eng-spa': 'eng-spa',
  'apertium-eng-cat': 'eng-cat',
  'apertium-spa-cat': 'spa-cat',
  'apertium-es-pt': 'es-pt',
  'apertium-fr-es': 'fr-es',
  'apertium-spa-ita': 'spa-ita',
  'apertium-fra-cat': 'fra-cat',
  'apertium-por-cat': 'por-cat',
  'apertium-en-gl': 'en-gl',
  'apertium-es-gl': 'es-gl',
}

/** What a machine has, as far as setting up asks. */
export interface Machine {
  debian: boolean
  root: boolean
  apertium: boolean
  modes: ReadonlySet<string>
  espeak: boolean
  ffmpeg: boolean
  redis: boolean
  postgres: boolean
  nginx: boolean
  chromium: boolean
  promtool: boolean
}

export type Plan =
  | { action: 'none' }
  | { action: 'install'; packages: string[]; message: string }
  | { action: 'tell'; packages: string[]; message: string }

/** Looks at this machine: files only, no process. */
export function inspect(): Machine {
  return {
    debian: findProgram('apt-get') !== null,
    root: process.getuid?.() === 0,
    apertium: findProgram('apertium') !== null,
    modes: apertiumModes(),
    espeak: findProgram('espeak-ng') !== null,
    ffmpeg: findProgram('ffmpeg') !== null,
    redis: findProgram('redis-server') !== null,
    postgres: postgresFolder() !== null,
    nginx: findProgram('nginx') !== null,
    chromium: findProgram('chromium') !== null,
    promtool: findProgram('promtool') !== null,
  }
}

/** The Debian packages that are missing, by name. */
export function missing(what: What, machine: Machine): string[] {
  const packages = machine.apertium ? [] : ['apertium']
  for (const [name, mode] of Object.entries(PAIRS)) if (!machine.modes.has(mode)) packages.push(name)
  if (!machine.espeak) packages.push('espeak-ng')
  if (!machine.ffmpeg) packages.push('ffmpeg')
  if (what === 'tests' && !machine.redis) packages.push('redis-server')
  if (what === 'tests' && !machine.postgres) packages.push('postgresql')
  if (what === 'tests' && !machine.nginx) packages.push('nginx-light')
  if (what === 'tests' && !machine.chromium) packages.push('chromium')
  if (what === 'tests' && !machine.promtool) packages.push('prometheus')
  return packages
}

/** What to do on a machine: nothing, install packages by name, or say in one line what to install. */
export function plan(what: What, machine: Machine, allowed: boolean): Plan {
  const packages = missing(what, machine)
  if (packages.length === 0) return { action: 'none' }
  const names = packages.join(' ')
  if (machine.debian && machine.root && allowed)
    return { action: 'install', packages, message: `Installing with apt-get: ${names} (SETUP=off forbids it)` }
  const how = machine.debian
    ? `install as root: apt-get install -y --no-install-recommends ${names}`
    : `install them in your system's way (these are Debian's names): ${names}`
  return { action: 'tell', packages, message: `Missing ${packages.length === 1 ? 'package' : 'packages'}; ${how}` }
}
