import { EngineError, type EngineFault } from '../../../pipeline/engine-error.ts'

/** What is wrong with an engine that does not serve; null when it serves. Other errors are thrown on. */
export async function faultOf(work: Promise<unknown>): Promise<EngineFault | null> {
  try {
    await work
    return null
  } catch (error) {
    if (error instanceof EngineError) return error.fault
    throw error
  }
}
