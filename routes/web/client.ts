import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** The built browser client. */
export interface WebClient {
  /** The document that every page begins with. */
  page: Buffer
  /** What it loads, by path. */
  files: ReadonlyMap<string, Buffer>
}

/** Read once: they are small, and a request never touches the disk. Null where none is built. */
export async function readWebClient(folder: string): Promise<WebClient | null> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = new Map(
    await Promise.all(
      paths.map(async (path) => [`/${relative(folder, path).split(sep).join('/')}`, await readFile(path)] as const),
    ),
  )
  const page = files.get('/index.html')
  if (!page) return null
  files.delete('/index.html')
  return { page, files }
}
