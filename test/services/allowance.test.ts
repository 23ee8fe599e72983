import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { createAllowance } from '../../services/allowance.ts'
import { createMeetingAllowance } from '../../services/meeting-allowance.ts'
import { startRedis } from '../support/redis.ts'
import { createTestClock, openRedisState, type Twin, twins, until } from '../support/states.ts'

const CONFIG = { allowanceAudioMinutesPerDay: 1, allowanceCharactersPerDay: 100 }

async function open(t: Test, twin: Twin, config = CONFIG) {
  const clock = createTestClock()
  const { dailyUse } = await twin.open(t, clock.now)
  const allowance = createAllowance({ dailyUse, config })
  return { clock, allowance, speakers: createMeetingAllowance({ allowance, now: clock.now }) }
}

for (const twin of twins(t)) {
  t.test(`the allowance of a day: ${twin.name}`, async (t) => {
    t.test('a user may use so much of each kind, in fractions of seconds too', async (t) => {
      const { allowance } = await open(t, twin)
      const user = randomUUID()
      for (let i = 0; i < 600; i++) await allowance.take(user, 'audio_seconds', 0.1)
      const refused = await allowance.take(user, 'audio_seconds', 0.1).catch((error: unknown) => error)
      t.match(refused, { code: 'RATE_LIMIT_EXCEEDED', headers: { 'retry-after': /^\d{1,5}$/ } })
      await allowance.take(user, 'characters', 100)
      await allowance.take(randomUUID(), 'audio_seconds', 60)
    })

    t.test('what is more than is left takes nothing, and another day brings all of it back', async (t) => {
      const { allowance, clock } = await open(t, twin)
      const user = randomUUID()
      await allowance.take(user, 'characters', 90)
      await t.rejects(allowance.take(user, 'characters', 11), { code: 'RATE_LIMIT_EXCEEDED' })
      await allowance.take(user, 'characters', 10)
      clock.advance(86_400_000)
      await allowance.take(user, 'characters', 100)
    })

    t.test('0 is without limit', async (t) => {
      const config = { allowanceAudioMinutesPerDay: 0, allowanceCharactersPerDay: 0 }
      const { allowance } = await open(t, twin, config)
      await allowance.take(randomUUID(), 'characters', 1e12)
      await allowance.take(randomUUID(), 'audio_seconds', 1e12)
    })

    t.test('a speaker is told at most once a minute, and each for itself', async (t) => {
      const { speakers, clock } = await open(t, twin)
      const user = { id: randomUUID(), user_id: randomUUID() }
      const guest = { id: randomUUID(), user_id: null }
      t.same(await speakers.charge(user, 'characters', 100), { allowed: true, tell: null })
      t.match(await speakers.charge(user, 'characters', 1), { allowed: false, tell: { code: 'RATE_LIMIT_EXCEEDED' } })
      clock.advance(59_999)
      t.same(await speakers.charge(user, 'characters', 1), { allowed: false, tell: null })
      clock.advance(1)
      t.match(await speakers.charge(user, 'characters', 1), { tell: { code: 'RATE_LIMIT_EXCEEDED' } })
      t.same(await speakers.charge(guest, 'characters', 100), { allowed: true, tell: null })
      t.match(await speakers.charge(guest, 'characters', 1), { allowed: false, tell: { code: 'RATE_LIMIT_EXCEEDED' } })
      // The same user in another room has one allowance.
      t.match(await speakers.charge({ ...user, id: randomUUID() }, 'characters', 1), { allowed: false })
    })
  })
}

t.test('while nobody can count, a speaker gets no engine and no error of ours', async (t) => {
  const redis = await startRedis(t)
  const limiter = { onFailure: 'closed', expectedProcesses: 1 } as const
  const state = await openRedisState(t, redis.url, { limiter })
  await redis.kill()
  await until(() => state.status() === 'down')
  const allowance = createAllowance({ dailyUse: state.dailyUse, config: CONFIG })
  const speakers = createMeetingAllowance({ allowance })
  const speaker = { id: randomUUID(), user_id: randomUUID() }
  t.same(await speakers.charge(speaker, 'characters', 1), { allowed: false, tell: null })
  await t.rejects(allowance.take(randomUUID(), 'characters', 1), { name: 'StateUnavailableError' })
})
