import closeWithGrace from 'close-with-grace'
import { type Config, ConfigError, loadConfig } from './config.ts'
import { openLogOutput } from './log-output.ts'
import { createLogger } from './logger.ts'
import { buildMetricsApp, type MetricsAppDeps } from './metrics-app.ts'
import { NO_TRACING, openTracing, type Tracing } from './services/tracing.ts'

/** How long the end may take in all. */
const SHUTDOWN_MS = 15_000

export interface ProcessOptions {
  /** As it is called in the log and at the terminal. */
  name: string
  /** Whether what it does is traced, where that is set. */
  traced: boolean
  /** Opens everything. */
  open(config: Config, log: ReturnType<typeof createLogger>, tracing: Tracing): Promise<OpenProcess>
}

export interface OpenProcess {
  /** Begins the work, once signals are heeded. */
  begin(): Promise<void> | void
  close(): Promise<void>
  /** What is served at METRICS_PORT, where that is set. */
  metrics: Omit<MetricsAppDeps, 'logger'>
}

/**
 * What every process of ours does around its work: the settings with every problem at once, a log that is flushed, a shutdown on signals and
 * failures that is bounded in time and forced by a second signal, an exit code of 1 when it cannot start.
 */
export async function runProcess({ name, traced, open }: ProcessOptions): Promise<void> {
  const config = readConfig()
  const destination = openLogOutput()
  const tracing = traced
    ? await openTracing(config, {
        info: (fields, message) => log.info(fields, message),
        warn: (fields, message) => log.warn(fields, message),
      })
    : NO_TRACING
  const log = createLogger(config, destination, tracing)
  process.once('exit', () => flush(destination))
  try {
    const { close, begin, metrics } = await open(config, log, tracing)
    const closeMetrics = await serveMetrics(config, log, metrics)
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
        // The metrics are there to the end.
        await close().finally(closeMetrics).finally(tracing.close)
        log.info('closed')
      },
    )
    await begin()
  } catch (error) {
    log.fatal({ err: error }, `${name} could not start`)
    flush(destination)
    console.error(`${name} could not start: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
}

/** Serves them where METRICS_PORT says; resolves to what ends that. */
async function serveMetrics(
  config: Config,
  logger: ReturnType<typeof createLogger>,
  metrics: OpenProcess['metrics'],
): Promise<() => Promise<void>> {
  if (config.metricsPort === 0) return async () => undefined
  const app = await buildMetricsApp(config, { ...metrics, logger })
  await app.listen({ host: config.metricsHost, port: config.metricsPort })
  return () => app.close()
}

function readConfig(): Config {
  try {
    return loadConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

/** Writes what is still buffered; a destination that never opened has nothing. */
function flush(destination: { flushSync(): void }): void {
  try {
    destination.flushSync()
  } catch {}
}
