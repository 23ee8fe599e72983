import { fileTypeFromBuffer } from 'file-type'
import { checkFlac } from './containers/flac.ts'
import { checkMp3 } from './containers/mp3.ts'
import { checkMp4 } from './containers/mp4.ts'
import { checkOgg } from './containers/ogg.ts'
import { checkWav } from './containers/wav.ts'
import { checkWebm } from './containers/webm.ts'
import { RecordingRefused } from './refusal.ts'

/** What a recording is, with the codec where the container alone does not say it. */
export type Container = 'wav' | 'webm' | 'ogg-opus' | 'ogg-vorbis' | 'mp3' | 'flac' | 'mp4'

export interface Recording {
  container: Container
  /** How many samples of each channel there must be; null: it does not say. */
  samples: number | null
}

/** By the extension that the content would have. */
const CONTAINERS: Readonly<Record<string, Container>> = {
  wav: 'wav',
  webm: 'webm',
  opus: 'ogg-opus',
  ogg: 'ogg-vorbis',
  mp3: 'mp3',
  flac: 'flac',
  m4a: 'mp4',
  mp4: 'mp4',
}

const CHECKS: Readonly<Record<Exclude<Container, 'flac'>, (bytes: Buffer) => void>> = {
  wav: checkWav,
  webm: checkWebm,
  'ogg-opus': checkOgg,
  'ogg-vorbis': checkOgg,
  mp3: checkMp3,
  mp4: checkMp4,
}

/** Tells what a file is by its content, and that it is whole. @throws RecordingRefused */
export async function recognise(bytes: Buffer): Promise<Recording> {
  if (bytes.length === 0) throw new RecordingRefused('damaged', 'The file is empty.')
  const type = await fileTypeFromBuffer(bytes)
  const container = type && Object.hasOwn(CONTAINERS, type.ext) ? CONTAINERS[type.ext] : undefined
  if (!container) throw new RecordingRefused('unsupported', 'The file is none of wav, webm, ogg, mp3, m4a and flac.')
  if (container === 'flac') return { container, samples: checkFlac(bytes) }
  CHECKS[container](bytes)
  return { container, samples: null }
}
