export interface SideOptions {
  readonly redisUrl: string
  /** Signs the tokens, HS256. */
  readonly secret: string
  readonly databaseUrl: string
  /** Of ours, besides those that all benches have. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Starts to listen on a free port of the loopback, and says which. */
export type StartSide = (options: SideOptions) => Promise<number>

const peer =
  (file: string): StartSide =>
  async (options) => {
    const { start } = (await import(`./peers/${file}.js`)) as { start: StartSide }
    return start(options)
  }

/** Everything that is measured, in the order in which it is told. */
export const SIDES = {
  bare: peer('bare-fastify'),
  fluentmeet: async (options: SideOptions) => (await import('./fluentmeet.ts')).start(options),
  plugins: peer('fastify-plugins'),
  express: peer('express'),
  nest: peer('nest'),
} as const satisfies Record<string, StartSide>

export type SideName = keyof typeof SIDES
