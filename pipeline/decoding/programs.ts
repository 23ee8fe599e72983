import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Limits } from './limits.ts'
import type { Program } from './program.ts'

const HERE = import.meta.dirname
/** Address space that the runtime reserves counts too; what is left over is some 400 MB. */
const NODE_MEMORY = 900 * 1024 * 1024
const FFMPEG_MEMORY = 256 * 1024 * 1024
/** The program keeps what it was sent in a file that has no name. */
const FFMPEG_FILE = 64 * 1024 * 1024

/**
 * Our own decoders in a process of their own: it can read its code and nothing else, write no file, start no program, and has a small heap.
 */
export function decodingProgram({ maxSeconds, cpuSeconds }: Limits): Program {
  const readable = [HERE, packagesFolder(), join(HERE, '..', '..', 'package.json')].map(
    (path) => `--allow-fs-read=${path}`,
  )
  const restrictions = [
    '--permission',
    ...readable,
    '--max-old-space-size=128',
    '--disable-warning=ExperimentalWarning',
  ]
  return {
    path: process.execPath,
    args: [...restrictions, join(HERE, 'child.ts'), String(maxSeconds)],
    memory: NODE_MEMORY,
    cpuSeconds,
    fileSize: 0,
  }
}

/** Where the decoders are installed: beside us, or above when we are installed ourselves. */
function packagesFolder(): string {
  const entry = fileURLToPath(import.meta.resolve('@audio/decode-wav'))
  return join(dirname(entry), '..', '..')
}

/**
 * ffmpeg, for MP4 with sound only: it opens no address but its standard input, follows no reference out of the file, reads no other
 * format, decodes the first sound track with decoders of that family, and stops at a length. Null when it is not installed.
 */
export function ffmpegProgram({ maxSeconds, cpuSeconds }: Limits): Program | null {
  const path = findFfmpeg()
  if (!path) return null
  const seconds = String(maxSeconds + 1)
  return {
    path,
    args: [
      ...['-hide_banner', '-nostdin', '-loglevel', 'quiet', '-xerror', '-threads', '1'],
      // An index at the end of the file needs a way back: `cache` keeps the input in an unnamed file.
      ...['-protocol_whitelist', 'cache,pipe', '-format_whitelist', 'mov', '-codec_whitelist', 'aac,alac,mp3'],
      ...['-enable_drefs', '0', '-use_absolute_path', '0', '-err_detect', 'explode', '-max_streams', '8'],
      ...['-f', 'mov', '-i', 'cache:pipe:0', '-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1'],
      ...['-t', seconds, '-ac', '1', '-ar', '16000', '-c:a', 'pcm_f32le', '-f', 'f32le', 'pipe:1'],
    ],
    memory: FFMPEG_MEMORY,
    cpuSeconds,
    fileSize: FFMPEG_FILE,
  }
}

function findFfmpeg(): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  return folders.map((folder) => join(folder, 'ffmpeg')).find((path) => existsSync(path)) ?? null
}
