/**
 * Why a recording is not taken. `unsupported`: not one of the formats; `damaged`: cut off, or not what it says it is;
 * `too_long`: more sound than allowed; `needs_program`: an MP4 file, and the program that reads these is not here.
 */
export type RefusalReason = 'unsupported' | 'damaged' | 'too_long' | 'needs_program'

/** A recording that is not taken, through no fault of ours. */
export class RecordingRefused extends Error {
  override readonly name = 'RecordingRefused'
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, message: string) {
    super(message)
    this.reason = reason
  }
}

/** @throws RecordingRefused: the file ends before its own structure says it does, or contradicts itself */
export function damaged(what: string): never {
  throw new RecordingRefused('damaged', what)
}
