import { type Static, Type } from '@sinclair/typebox'
import { Strict } from './common.ts'

export const Alive = Strict({ status: Type.Literal('ok') }, { title: 'Alive' })

const UpOrDown = Type.Union([Type.Literal('up'), Type.Literal('down')])

export const Health = Strict(
  {
    status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]),
    dependencies: Strict({
      database: Strict({ status: UpOrDown }),
      redis: Strict({ status: Type.Union([UpOrDown, Type.Literal('memory')]) }),
      translation: Strict({ status: UpOrDown }),
      votes: Strict({
        status: Type.Union([UpOrDown, Type.Literal('behind')], {
          description: '`behind`: accepted votes wait long to be counted',
        }),
      }),
    }),
  },
  { title: 'Health' },
)
export type Health = Static<typeof Health>

/** What Prometheus reads. */
export const MetricsText = Type.String({
  examples: [
    '# HELP fluentmeet_rooms_open Rooms with a socket on this process.\n# TYPE fluentmeet_rooms_open gauge\nfluentmeet_rooms_open 12\n',
  ],
})
