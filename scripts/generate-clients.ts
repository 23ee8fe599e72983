import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../app.ts'
import { loadConfig } from '../config.ts'
import { clientTypes, type Documents } from './generate-clients/client-types.ts'

// `npm run clients:generate`: writes the types of the clients from what this version of the server says of itself.

export const GENERATED = join(import.meta.dirname, '..', 'clients', 'typescript', 'src', 'generated', 'api.ts')

/** The documents as the server serves them. */
export async function documentsOf(app: FastifyInstance): Promise<Documents> {
  const read = async (path: string) => (await app.inject(path)).json<object>()
  return { openapi: await read('/openapi.json'), asyncapi: await read('/asyncapi.json') }
}

async function generate(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fluentmeet-generate-'))
  try {
    const app = await buildApp(loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }), {
      translator: null,
      engines: { transcribers: [], synthesizers: [] },
    })
    writeFileSync(GENERATED, clientTypes(await documentsOf(app)))
    await app.close()
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

if (import.meta.main) await generate()
