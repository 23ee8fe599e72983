import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, globSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
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

/** The programs whose runs are carried out. A step that changes the system itself (apt-get) is left to a real build. */
const OURS = new Set(['npm', 'node'])
const SYSTEM = 'apt-get'

/** `createRequire` would see a function, the types say a module. */
const ignore = dockerignore as unknown as typeof dockerignore.default

/**
 * Carries out the steps of a Dockerfile in folders that stand for its stages, with this machine's Node in place of the base image's.
 * COPY takes from the sources only what `.dockerignore` lets through. @returns the last stage
 */
export function buildImage(sources: string, dockerfile: string, scratch: string): Image {
  const images = new Map<string, Image>()
  let last: Image | undefined
  for (const [index, stage] of readStages(readFileSync(dockerfile, 'utf8')).entries()) {
    last = buildStage(stage, join(scratch, `${index}-${stage.name}`), sources, images)
    images.set(stage.name, last)
  }
  if (!last) throw new Error('the Dockerfile has no stage')
  return last
}

function buildStage(stage: Stage, root: string, sources: string, images: ReadonlyMap<string, Image>): Image {
  const base = images.get(stage.from)
  mkdirSync(root, { recursive: true })
  if (base) cpSync(base.root, root, { recursive: true, verbatimSymlinks: true })
  else putNode(root)
  const empty = { workdir: '/', environment: {}, user: '', entrypoint: [], command: [], healthcheck: [] }
  const image: Image = { ...(base ?? empty), root }
  for (const step of stage.steps) carryOut(step, image, sources, images)
  return image
}

function putNode(root: string): void {
  const bin = join(root, 'usr', 'local', 'bin')
  mkdirSync(bin, { recursive: true })
  copyFileSync(process.execPath, join(bin, 'node'))
  chmodSync(join(bin, 'node'), 0o755)
}

function carryOut(step: Step, image: Image, sources: string, images: ReadonlyMap<string, Image>): void {
  const { keyword, args, json } = step
  if (keyword === 'WORKDIR') {
    image.workdir = args[0] ?? '/'
    mkdirSync(join(image.root, image.workdir), { recursive: true })
  } else if (keyword === 'COPY') copy(step, image, sources, images)
  else if (keyword === 'RUN') run(step, image)
  else if (keyword === 'ENV')
    image.environment = { ...image.environment, ...Object.fromEntries(args.map((pair) => pair.split('='))) }
  else if (keyword === 'USER') image.user = args[0] ?? ''
  else if (keyword === 'ENTRYPOINT') image.entrypoint = json ?? []
  else if (keyword === 'CMD') image.command = json ?? []
  else if (keyword === 'HEALTHCHECK') image.healthcheck = readHealthcheck(step)
  else if (!['EXPOSE', 'STOPSIGNAL'].includes(keyword)) throw new Error(`${keyword} cannot be carried out`)
}

function readHealthcheck({ text }: Step): string[] {
  return JSON.parse(text.slice(text.indexOf('['))) as string[]
}

function copy({ args, flags }: Step, image: Image, sources: string, images: ReadonlyMap<string, Image>): void {
  const from = flags.from === undefined ? null : images.get(flags.from)
  if (from === undefined) throw new Error(`COPY --from=${flags.from}: there is no such stage`)
  const folder = from?.root ?? sources
  const isLetThrough = from ? () => true : letThrough(sources)
  const target = args.at(-1) ?? ''
  const to = join(image.root, image.workdir, target)
  const found = args
    .slice(0, -1)
    .flatMap((pattern) => globSync(pattern.replace(/^\//, ''), { cwd: folder }))
    .filter((path) => isLetThrough(path) || statSync(join(folder, path)).isDirectory())
  if (found.length === 0) throw new Error(`COPY ${args.join(' ')}: there is no such file`)
  for (const path of found) {
    const source = join(folder, path)
    const isFolder = statSync(source).isDirectory()
    cpSync(source, isFolder || !target.endsWith('/') ? to : join(to, basename(path)), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => isLetThrough(relative(folder, file)) || statSync(file).isDirectory(),
    })
  }
}

/** Whether a path of the sources goes into the build. */
function letThrough(sources: string): (path: string) => boolean {
  const rules = readFileSync(join(sources, '.dockerignore'), 'utf8')
  return ignore().add(rules).createFilter()
}

function run(step: Step, image: Image): void {
  const programs = new Set(commands(step).map(([program = '']) => program))
  if (programs.has(SYSTEM)) return
  for (const program of programs) if (!OURS.has(program)) throw new Error(`RUN ${program} cannot be carried out`)
  const { PATH = '', HOME = '' } = process.env
  // What the registry has given before is not fetched again.
  const environment = { HOME, npm_config_prefer_offline: 'true', ...image.environment, PATH: pathIn(image.root, PATH) }
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const ran = spawnSync('env', ['-i', ...variables, '/bin/sh', '-c', step.text], {
    cwd: join(image.root, image.workdir),
    encoding: 'utf8',
  })
  if (ran.status !== 0) throw new Error(`RUN ${step.text}\n${ran.stdout}${ran.stderr}`)
}

/** The image's own programs before the machine's. */
export const pathIn = (root: string, path: string): string => `${join(root, 'usr', 'local', 'bin')}:${path}`
