import { eq } from 'drizzle-orm'
import t from 'tap'
import { refreshTokens, sessions as table } from '../../repositories/schema.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import { StateUnavailableError } from '../../state/state.ts'
import { CALLER, openAccounts } from '../support/accounts.ts'
import { backends } from '../support/backends.ts'
import { FAILURES } from '../support/states.ts'

const DAY_MS = 86_400_000

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const services = await openAccounts(t, backend)
    const { sessions, advance, db } = services
    const signIn = async () => sessions.create((await services.newAccount()).id, CALLER)

    await t.test('a refresh token is replaced on every use, and stored as a hash only', async (t) => {
      const first = await signIn()
      const second = await sessions.refresh(first.refreshToken)
      t.not(second.refreshToken, first.refreshToken)
      t.equal(second.sessionId, first.sessionId)
      t.not(second.access.jti, first.access.jti)
      const [session] = await db.select().from(table).where(eq(table.id, first.sessionId))
      t.equal(session?.access_jti, second.access.jti)
      const stored = JSON.stringify(await db.select().from(refreshTokens))
      for (const { refreshToken } of [first, second]) t.notMatch(stored, refreshToken)
    })

    await t.test('of many that use one token at once all get the same successor', async (t) => {
      const { refreshToken } = await signIn()
      const answers = await Promise.all(Array.from({ length: 12 }, () => sessions.refresh(refreshToken)))
      t.equal(new Set(answers.map((answer) => answer.refreshToken)).size, 1)
      t.equal(new Set(answers.map((answer) => answer.refreshExpiresAt.getTime())).size, 1)
    })

    await t.test(
      'within ten seconds a used token gets its successor again, after that it ends the session',
      async (t) => {
        const first = await signIn()
        const second = await sessions.refresh(first.refreshToken)
        advance(10_000)
        t.equal((await sessions.refresh(first.refreshToken)).refreshToken, second.refreshToken)
        advance(1)
        await t.rejects(sessions.refresh(first.refreshToken), { code: 'TOKEN_REVOKED' })
        await t.rejects(sessions.refresh(second.refreshToken), { code: 'TOKEN_REVOKED' })
        t.equal(await services.state.revocations.isRevoked(`u:${first.userId}`, first.sessionId), true)
        t.ok(services.log.lines.some((line) => line.includes('"refresh_reuse"') && line.includes(first.userId)))
      },
    )

    await t.test('a token whose successor was used already ends the session, however soon it comes', async (t) => {
      const first = await signIn()
      const second = await sessions.refresh(first.refreshToken)
      const third = await sessions.refresh(second.refreshToken)
      await t.rejects(sessions.refresh(first.refreshToken), { code: 'TOKEN_REVOKED' })
      await t.rejects(sessions.refresh(third.refreshToken), { code: 'TOKEN_REVOKED' })
    })

    await t.test(
      'a session ends after seven days without use, and thirty days after sign-in whatever its use',
      async (t) => {
        const idle = await signIn()
        advance(7 * DAY_MS - 1)
        let used = await signIn()
        await sessions.refresh(idle.refreshToken)
        const other = await signIn()
        advance(7 * DAY_MS)
        await t.rejects(sessions.refresh(other.refreshToken), { code: 'TOKEN_EXPIRED' })
        t.strictSame(await sessions.list(other), [])

        used = await signIn()
        for (let day = 6; day < 30; day += 6) {
          advance(6 * DAY_MS)
          used = await sessions.refresh(used.refreshToken)
        }
        advance(6 * DAY_MS)
        await t.rejects(sessions.refresh(used.refreshToken), { code: 'TOKEN_EXPIRED' })
      },
    )

    await t.test('a token of nobody, or none at all, is refused', async (t) => {
      for (const token of ['', 'x', 'A'.repeat(43), 'é'.repeat(43)])
        await t.rejects(sessions.refresh(token), { code: 'UNAUTHENTICATED' }, token)
    })

    await t.test('only one’s own live session can be ended, once', async (t) => {
      const [own, stranger] = [await signIn(), await signIn()]
      await t.rejects(sessions.end(own.userId, stranger.sessionId), { code: 'NOT_FOUND' })
      await sessions.end(own.userId, own.sessionId)
      await t.rejects(sessions.end(own.userId, own.sessionId), { code: 'NOT_FOUND' })
      await t.rejects(sessions.refresh(own.refreshToken), { code: 'TOKEN_REVOKED' })
      await sessions.refresh(stranger.refreshToken)
    })

    await t.test('a device is listed on one line, bounded', async (t) => {
      const { id } = await services.newAccount()
      const session = await sessions.create(id, { ...CALLER, userAgent: `Agent\r\n\u001b[31m${'x'.repeat(5000)}` })
      const [listed] = await sessions.list(session)
      t.match(listed, { id: session.sessionId, address: CALLER.address, current: true })
      t.match(listed?.device, /^Agent\[31mx{100,}$/)
      t.ok((listed?.device.length ?? 0) <= 200)
    })

    await t.test('a state that lost everything is told again of the sessions that ended', async (t) => {
      const [ended, alive] = [await signIn(), await signIn()]
      await sessions.logout(ended)
      const empty = createMemoryState({ failures: FAILURES })
      t.teardown(() => empty.close())
      t.equal(await empty.revocations.isRevoked(`u:${ended.userId}`, ended.sessionId), false)
      await services.start({ state: empty })
      t.equal(await empty.revocations.isRevoked(`u:${ended.userId}`, ended.sessionId), true)
      t.equal(await empty.revocations.isRevoked(`u:${alive.userId}`, alive.sessionId), false)
    })

    await t.test('nobody is refreshed while the state cannot tell who was revoked', async (t) => {
      const { refreshToken } = await signIn()
      const silent = createMemoryState({ failures: FAILURES })
      t.teardown(() => silent.close())
      const isRevoked = async () => {
        throw new StateUnavailableError('no answer')
      }
      const state = { ...silent, revocations: { ...silent.revocations, isRevoked } }
      const cutOff = await services.start({ state })
      await t.rejects(cutOff.sessions.refresh(refreshToken), StateUnavailableError)
      await sessions.refresh(refreshToken)
    })
  })
}
