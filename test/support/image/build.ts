import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, globSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import dockerignore from '@balena/dockerignore'
import { commands, readStages, type Stage, type Step } from './dockerfile.ts'

/** What an image is when it is built: a root folder, and how it is started. */
export interface Image {
  root: string
  workdir: string
  environment: Record<string, string>
  user: string
  entrypoint: string[]
  command: string[]
  healthcheck: string[]
}

const start = promisify(execFile)
const MAX_BUFFER = 16 * 1024 * 1024

/** The programs whose runs are carried out. A step that changes the system itself (apt-get) is left to a real build. */
const OURS = new Set(['npm', 'node'])
const SYSTEM = 'apt-get'
/** How this machine reaches the registry, and what it has taken from there before. */
const NETWORK = /^(npm_config_(cache|registry|cafile)|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|(https?|no)_proxy)$/i

/** It is a function when it is loaded, and a module to the compiler. */
const ignore = dockerignore as unknown as typeof dockerignore.default

/**
 * Carries out the steps of a Dockerfile in folders that stand for its stages, with this machine's Node in place of the base image's.
 * COPY takes from the sources only what `.dockerignore` lets through. @returns the last stage
 */
export async function buildImage(sources: string, dockerfile: string, scratch: string): Promise<Image> {
  const images = new Map<string, Image>()
  let last: Image | undefined
  for (const [index, stage] of readStages(readFileSync(dockerfile, 'utf8')).entries()) {
    last = await buildStage(stage, join(scratch, `${index}-${stage.name}`), sources, images)
    images.set(stage.name, last)
  }
  if (!last) throw new Error('the Dockerfile has no stage')
  return last
}

async function buildStage(
  stage: Stage,
  root: string,
  sources: string,
  images: ReadonlyMap<string, Image>,
): Promise<Image> {
  const base = images.get(stage.from)
  if (base) await link(base.root, root)
  else putNode(root)
  const empty = { workdir: '/', environment: {}, user: '', entrypoint: [], command: [], healthcheck: [] }
  const image: Image = { ...(base ?? empty), root }
  for (const step of stage.steps) await carryOut(step, image, sources, images)
  return image
}

function putNode(root: string): void {
  const bin = join(root, 'usr', 'local', 'bin')
  mkdirSync(bin, { recursive: true })
  copyFileSync(process.execPath, join(bin, 'node'))
  chmodSync(join(bin, 'node'), 0o755)
}

/** Stages share files, as layers do: a copy of all packages takes a slow disk a minute. */
async function link(from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true })
  await start('cp', ['-al', from, to])
}

async function carryOut(step: Step, image: Image, sources: string, images: ReadonlyMap<string, Image>): Promise<void> {
  const { keyword, args, json } = step
  if (keyword === 'WORKDIR') {
    image.workdir = args[0] ?? '/'
    mkdirSync(join(image.root, image.workdir), { recursive: true })
  } else if (keyword === 'COPY') {
    if (step.flags.from === undefined) copy(step, image, sources)
    else await copyFromStage(step, image, images)
  } else if (keyword === 'RUN') await run(step, image)
  else if (keyword === 'ENV')
    image.environment = { ...image.environment, ...Object.fromEntries(args.map((pair) => pair.split('='))) }
  else if (keyword === 'USER') image.user = args[0] ?? ''
  else if (keyword === 'ENTRYPOINT') image.entrypoint = json ?? []
  else if (keyword === 'CMD') image.command = json ?? []
  else if (keyword === 'HEALTHCHECK')
    image.healthcheck = JSON.parse(step.text.slice(step.text.indexOf('['))) as string[]
  else if (!['EXPOSE', 'STOPSIGNAL'].includes(keyword)) throw new Error(`${keyword} cannot be carried out`)
}

/** `COPY --from=stage /folder ./folder`, the only form that is used. */
async function copyFromStage({ args, flags }: Step, image: Image, images: ReadonlyMap<string, Image>): Promise<void> {
  const from = images.get(flags.from ?? '')
  const [source = '', target = '', ...more] = args
  if (!from || more.length > 0) throw new Error(`COPY --from=${flags.from} ${args.join(' ')} cannot be carried out`)
  await link(join(from.root, source), join(image.root, image.workdir, target))
}

function copy({ args }: Step, image: Image, sources: string): void {
  const isLetThrough = letThrough(sources)
  const target = args.at(-1) ?? ''
  const to = join(image.root, image.workdir, target)
  const isFolder = (path: string) => statSync(path).isDirectory()
  const found = args
    .slice(0, -1)
    .flatMap((pattern) => globSync(pattern, { cwd: sources }))
    .filter((path) => isLetThrough(path) || isFolder(join(sources, path)))
  if (found.length === 0) throw new Error(`COPY ${args.join(' ')}: there is no such file`)
  for (const path of found) {
    const source = join(sources, path)
    cpSync(source, isFolder(source) || !target.endsWith('/') ? to : join(to, basename(path)), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => isLetThrough(relative(sources, file)) || isFolder(file),
    })
  }
}

/** Whether a path of the sources goes into the build. */
function letThrough(sources: string): (path: string) => boolean {
  return ignore()
    .add(readFileSync(join(sources, '.dockerignore'), 'utf8'))
    .createFilter()
}

async function run(step: Step, image: Image): Promise<void> {
  const programs = new Set(commands(step).map(([program = '']) => program))
  if (programs.has(SYSTEM)) return
  for (const program of programs) if (!OURS.has(program)) throw new Error(`RUN ${program} cannot be carried out`)
  const { PATH = '', HOME = '' } = process.env
  const network = Object.fromEntries(Object.entries(process.env).filter(([name]) => NETWORK.test(name)))
  // What the registry has given before is not fetched again.
  const own = { HOME, ...network, npm_config_prefer_offline: 'true' }
  const environment = { ...own, ...image.environment, PATH: pathIn(image.root, PATH) }
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  await start('env', ['-i', ...variables, '/bin/sh', '-c', step.text], {
    cwd: join(image.root, image.workdir),
    maxBuffer: MAX_BUFFER,
  })
}

/** The image's own programs before the machine's. */
export const pathIn = (root: string, path: string): string => `${join(root, 'usr', 'local', 'bin')}:${path}`
