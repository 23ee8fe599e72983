/** The frozen settings of one process. `.env.example` says what each means. */
export interface Config {
  readonly environment: 'development' | 'staging' | 'production'
  readonly host: string
  readonly port: number
  readonly publicUrl: string
  readonly dataDir: string
  readonly databaseUrl: string | null
  readonly redisUrl: string | null
  readonly secretKey: string
  readonly secretKeyPrevious: string | null
  readonly accessTokenTtlSeconds: number
  readonly refreshTokenIdleDays: number
  readonly refreshTokenAbsoluteDays: number
  readonly requireEmailVerification: boolean
  readonly allowedOrigins: readonly string[]
  readonly allowedHosts: readonly string[]
  readonly trustedProxies: readonly string[]
  readonly forceHttps: boolean
  readonly maxRequestSize: number
  readonly maxAudioSizeMb: number
  readonly rateLimitAuthPerMinute: number
  readonly rateLimitPipelinePerMinute: number
  readonly rateLimitDefaultPerMinute: number
  readonly rateLimitOnRedisFailure: 'local' | 'open' | 'closed'
  readonly expectedProcesses: number
  readonly maxSocketsPerUser: number
  readonly lockoutFailures: number
  readonly lockoutSeconds: number
  readonly smtpUrl: string | null
  readonly mailFrom: string
  readonly logLevel: 'fatal'|'error'|'warn'|'info'|'debug'|'trace'|'silent'
  readonly metricsToken: string | null
}
