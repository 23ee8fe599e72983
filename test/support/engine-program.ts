import { appendFileSync } from 'node:fs'
import { serve } from '../../pipeline/engine-process/serve.ts'

/** What the engine process of the tests is asked to do. */
export type TestQuestion = { say: string } | { do: 'hang' | 'crash' | 'fail' }

export interface TestLoad {
  /** It writes its process id here, a line each time it is loaded. */
  journal: string
  /** It dies while it loads. */
  broken?: boolean
}

serve<TestLoad, TestQuestion, { said: string; pid: number; secret: string | undefined }>(({ journal, broken }) => {
  appendFileSync(journal, `${process.pid}\n`)
  if (broken) process.kill(process.pid, 'SIGSEGV')
  return (question) => {
    if ('say' in question) return { said: question.say, pid: process.pid, secret: process.env.SECRET_KEY }
    if (question.do === 'hang') for (;;);
    if (question.do === 'crash') process.kill(process.pid, 'SIGSEGV')
    throw new Error('it cannot do this')
  }
})
