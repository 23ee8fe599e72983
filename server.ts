import type { AddressInfo } from 'node:net'
import closeWithGrace from 'close-with-grace'
import pino from 'pino'
import { buildApp } from './app.ts'
import { ConfigError, loadConfig } from './config.ts'
import { createLogger } from './logger.ts'
import type { PipelineLanguages } from './schemas/pipeline.ts'

/** How long load balancers have to see that the process is no longer ready, and how long the end may take in all. */
const DRAIN_MS = { development: 0, staging: 2_000, production: 2_000 }
const SHUTDOWN_MS = 15_000

const config = readConfig()
const destination = pino.destination({ dest: 1, sync: false, minLength: 16_000, periodicFlush: 250 })
const log = createLogger(config, destination)
process.once('exit', () => flush())

try {
  const app = await buildApp(config, { logger: log })
  closeWithGrace(
    {
      delay: SHUTDOWN_MS,
      logger: { error: (message: unknown) => log.error({ err: message }, 'shutdown') },
      onSecondSignal: (signal) => log.warn({ signal }, 'second signal: ending at once'),
      onTimeout: (delay) => log.error({ delay }, 'shutdown took too long: ending at once'),
    },
    async ({ signal, err }) => {
      if (err) log.fatal({ err }, 'the process failed')
      else log.info({ signal }, 'shutting down')
      app.services.health.drain()
      await new Promise((resolve) => setTimeout(resolve, DRAIN_MS[config.environment]))
      await app.close()
      log.info('closed')
    },
  )
  await app.listen({ host: config.host, port: config.port })
  announce(app.services.translation.languages(), portOf(app.server.address()))
} catch (error) {
  log.fatal({ err: error }, 'the server could not start')
  flush()
  console.error(`FluentMeet could not start: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}

function readConfig() {
  try {
    return loadConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

/** Writes what is still buffered; a destination that never opened has nothing. */
function flush(): void {
  try {
    destination.flushSync()
  } catch {}
}

/** The port in use, which `PORT=0` leaves to the system. */
function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address ? address.port : config.port
}

/** For the person at the terminal. */
function announce(stages: PipelineLanguages, port: number): void {
  const { transcription, translation, speech } = stages
  const pairs = translation.pairs.map(({ source, target }) => `${source}-${target}`)
  const list = (languages: readonly string[]) => (languages.length > 0 ? languages.join(', ') : 'no engine')
  console.log(
    [
      `FluentMeet listens on http://${config.host}:${port} (${config.environment})`,
      `  docs           ${config.publicUrl}/docs`,
      ...(config.environment === 'development' && !config.smtpUrl
        ? [`  mails          ${config.publicUrl}/dev/outbox`]
        : []),
      `  transcription  ${list(transcription.languages)}`,
      `  translation    ${translation.engine ?? 'no engine: captions are shown untranslated'}${pairs.length > 0 ? `: ${pairs.length} directions: ${pairs.join(' ')}` : ''}`,
      `  speech         ${list(speech.languages)}`,
    ].join('\n'),
  )
}
