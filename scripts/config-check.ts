import { ConfigError, describeConfig, loadConfig } from '../config.ts'

// `npm run config:check`: the settings in force, secrets masked; or every problem, and exit code 1. Creates nothing.
try {
  const config = loadConfig(process.env, { developmentKey: () => 'made at the first start' })
  console.log(describeConfig(config).join('\n'))
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
