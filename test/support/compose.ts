import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const DEPLOY = join(import.meta.dirname, '..', '..', 'deploy')

export interface Service {
  image: string
  user?: string
  restart?: string
  init?: boolean
  read_only?: boolean
  cap_drop?: string[]
  cap_add?: string[]
  privileged?: boolean
  security_opt?: string[]
  tmpfs?: string[]
  ports?: string[]
  volumes?: string[]
  secrets?: string[]
  command?: string[]
  environment?: Record<string, string>
  networks?: Record<string, { ipv4_address?: string }>
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test?: string[]; disable?: boolean }
  mem_limit?: string
  cpus?: number
  pids_limit?: number
  stop_grace_period?: string
}

export interface Compose {
  services: Record<string, Service>
  networks: Record<string, { internal?: boolean }>
  secrets: Record<string, { file: string }>
}

/** The shipped compose file with these variables put in, as `docker compose config` shows it. */
export function readCompose(variables: Record<string, string>): Compose {
  const text = readFileSync(join(DEPLOY, 'compose.yaml'), 'utf8').replaceAll(/^\s*#.*$/gm, '')
  return parse(interpolate(text, variables), { merge: true }) as Compose
}

const VARIABLE = /\$(?:\$|\{(\w+)(?:(:[-?])([^}]*))?\})/g

/** `$$`, `${NAME}`, `${NAME:-default}` and `${NAME:?what is missing}`. */
function interpolate(text: string, variables: Record<string, string>): string {
  return text.replaceAll(VARIABLE, (all, name?: string, kind?: string, rest = '') => {
    if (name === undefined) return all.slice(1)
    const value = variables[name]
    if (value) return value
    if (kind === ':?') throw new Error(`${name} is required: ${rest}`)
    return kind === ':-' ? rest : ''
  })
}

/** A service of the file, which must be there. */
export function serviceOf(compose: Compose, name: string): Service {
  const service = compose.services[name]
  if (!service) throw new Error(`there is no service ${name}`)
  return service
}
