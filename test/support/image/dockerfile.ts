import { type Copy, DockerfileParser, type Instruction, type JSONInstruction, type Workdir } from 'dockerfile-ast'

/** An instruction that stays as it is read: `RUN`, `ENV`, `USER` and so on. */
export interface Step {
  keyword: string
  /** Its arguments as written, with continued lines joined and comments taken out. */
  text: string
  /** The arguments, flags left out. */
  args: string[]
  /** `--from=web` as `from: 'web'`. */
  flags: Record<string, string>
  /** Of one in JSON form: its strings. */
  json: string[] | null
}

export interface Stage {
  name: string
  /** The image or the stage it begins with. */
  from: string
  steps: Step[]
}

/** The stages of a Dockerfile, in order. */
export function readStages(text: string): Stage[] {
  const stages: Stage[] = []
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const step = readStep(instruction)
    if (step.keyword === 'FROM') {
      const [from = '', , name = String(stages.length)] = step.args
      stages.push({ name, from, steps: [] })
    } else stages.at(-1)?.steps.push(step)
  }
  return stages
}

function readStep(instruction: Instruction): Step {
  const flags = 'getFlags' in instruction ? (instruction as Copy).getFlags() : []
  const json = 'getJSONStrings' in instruction ? (instruction as JSONInstruction).getJSONStrings() : []
  return {
    keyword: instruction.getKeyword(),
    text: instruction.getArgumentsContent() ?? '',
    args: (instruction as Workdir).getArguments().map((argument) => argument.getValue()),
    flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ''])),
    json: json.length > 0 ? json.map((argument) => argument.getJSONValue()) : null,
  }
}

/** The programs and arguments a `RUN` starts, one after the other: `a && b` as two lists of words. */
export const commands = (step: Step): string[][] =>
  step.text.split(/&&|;/).map((command) => command.trim().split(/\s+/))

/** The Debian packages a `RUN` installs. */
export function installedPackages(step: Step): string[] {
  const install = commands(step).find(([program, verb]) => program === 'apt-get' && verb === 'install') ?? []
  return install.slice(2).filter((word) => !word.startsWith('-'))
}
