import type { AddressInfo } from 'node:net'
import { buildApp } from './app.ts'
import type { Config } from './config.ts'
import { runProcess } from './run-process.ts'
import type { PipelineLanguages } from './schemas/pipeline.ts'

/** How long load balancers have to see that the process is no longer ready. */
const DRAIN_MS = { development: 0, staging: 2_000, production: 2_000 }

await runProcess({
  name: 'FluentMeet',
  traced: true,
  async open(config, logger, tracing) {
    const app = await buildApp(config, { logger, tracing })
    const { registry, countSecurityEvent } = app.services.metrics
    return {
      metrics: { registry, countSecurityEvent },
      async begin() {
        await app.listen({ host: config.host, port: config.port })
        announce(config, app.services.translation.languages(), portOf(app.server.address(), config))
      },
      async close() {
        app.services.health.drain()
        await new Promise((resolve) => setTimeout(resolve, DRAIN_MS[config.environment]))
        await app.close()
      },
    }
  },
})

/** The port in use, which `PORT=0` leaves to the system. */
function portOf(address: AddressInfo | string | null, config: Config): number {
  return typeof address === 'object' && address ? address.port : config.port
}

/** For the person at the terminal. */
function announce(config: Config, stages: PipelineLanguages, port: number): void {
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
