import { validate } from 'dockerfile-utils'
import { commands, readStages, type Stage, type Step } from './dockerfile.ts'

interface Rule {
  /** hadolint's name for the same, where it has one. */
  name: string
  /** Whether a file breaks it. */
  isBroken(stages: readonly Stage[], steps: readonly Step[]): boolean
}

const SECRET = /pass(word|wd)?|secret|token|api_?key|private_?key|credential/i
const of = (keyword: string) => (step: Step) => step.keyword === keyword
const runs = (steps: readonly Step[]) => steps.filter(of('RUN')).map((step) => ({ step, words: commands(step) }))
const isNumericUser = (text: string | undefined) => /^[1-9]\d*(:[1-9]\d*)?$/.test(text ?? '')

const RULES: readonly Rule[] = [
  {
    name: 'DL3006 DL3007: a base image has a version, and not latest',
    isBroken: (stages) =>
      stages.some(
        ({ from }) => !stages.some(({ name }) => name === from) && !/:(?!latest)[^/]*\d+\.\d+\.\d+|@sha256:/.test(from),
      ),
  },
  {
    name: 'DL3009 DL3015 DL3014: apt-get updates and installs in one step, asks nothing, takes no recommendations and leaves no lists',
    isBroken: (_stages, steps) =>
      runs(steps).some(({ step, words }) => {
        const apt = words.filter(([program]) => program === 'apt-get')
        const install = apt.find(([, verb]) => verb === 'install')
        const isWhole = apt[0]?.[1] === 'update' && /rm -rf .*\/var\/lib\/apt\/lists\/\*/.test(step.text)
        const isQuiet = install?.includes('-y') && install.includes('--no-install-recommends')
        return apt.length > 0 && !(isWhole && isQuiet)
      }),
  },
  {
    name: 'DL3002 DL3066: the last user is nobody in particular, by number',
    isBroken: (stages) => !isNumericUser(stages.at(-1)?.steps.findLast(of('USER'))?.args[0]),
  },
  { name: 'DL3020: COPY, not ADD', isBroken: (_stages, steps) => steps.some(of('ADD')) },
  {
    name: 'DL3025: ENTRYPOINT, CMD and HEALTHCHECK start a program, not a shell',
    isBroken: (_stages, steps) =>
      steps.some(({ keyword, json, text }) =>
        keyword === 'HEALTHCHECK' ? !/CMD \[/.test(text) : ['ENTRYPOINT', 'CMD'].includes(keyword) && json === null,
      ),
  },
  {
    name: 'DL3057: the image says how it is asked whether it is well, once',
    isBroken: (stages) => stages.at(-1)?.steps.filter(of('HEALTHCHECK')).length !== 1,
  },
  {
    name: 'DL3000: WORKDIR is absolute',
    isBroken: (_stages, steps) => steps.some(({ keyword, args }) => keyword === 'WORKDIR' && !args[0]?.startsWith('/')),
  },
  {
    name: 'no secret in ENV or ARG: whoever has the image can read it',
    isBroken: (_stages, steps) =>
      steps.some(
        ({ keyword, args }) =>
          ['ENV', 'ARG'].includes(keyword) && args.some((arg) => SECRET.test(arg.split('=')[0] ?? '')),
      ),
  },
  {
    name: 'DL3004 DL4001 DL3003: no sudo, curl, wget or cd',
    isBroken: (_stages, steps) =>
      runs(steps).some(({ words }) => words.some(([program = '']) => ['sudo', 'curl', 'wget', 'cd'].includes(program))),
  },
  {
    name: 'DL3016: packages by the lock alone, and none of their scripts',
    isBroken: (_stages, steps) =>
      runs(steps).some(({ words }) =>
        words.some(
          ([program, verb, ...flags]) =>
            program === 'npm' &&
            (['install', 'i', 'add'].includes(verb ?? '') || (verb === 'ci' && !flags.includes('--ignore-scripts'))),
        ),
      ),
  },
  {
    name: 'DL4006: no pipe, whose first failure nobody would see',
    isBroken: (_stages, steps) => runs(steps).some(({ step }) => /(?<!\|)\|(?!\|)/.test(step.text)),
  },
  {
    name: 'DL3022: COPY --from names a stage before it',
    isBroken: (stages) =>
      stages.some(({ steps }, i) =>
        steps.some(
          ({ flags }) => flags.from !== undefined && !stages.slice(0, i).some(({ name }) => name === flags.from),
        ),
      ),
  },
  {
    name: 'nothing is copied as a whole: COPY . takes what happens to be there',
    isBroken: (_stages, steps) =>
      steps.some(({ keyword, args }) => keyword === 'COPY' && ['.', './'].includes(args[0] ?? '')),
  },
]

/** What a Dockerfile breaks: what its library says of its syntax, and rules as hadolint has them. */
export function ruleProblems(text: string): string[] {
  const syntax = validate(text).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`)
  const stages = readStages(text)
  const steps = stages.flatMap((stage) => stage.steps)
  return [...syntax, ...RULES.filter((rule) => rule.isBroken(stages, steps)).map(({ name }) => name)]
}
