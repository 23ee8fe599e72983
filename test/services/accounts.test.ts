import { eq } from 'drizzle-orm'
import t from 'tap'
import { users } from '../../repositories/schema.ts'
import { CALLER, openAccounts } from '../support/accounts.ts'
import { backends } from '../support/backends.ts'

// argon2id of 'correct horse battery staple' with weaker parameters than ours.
const OLD_HASH = async () => {
  const { hash } = await import('@node-rs/argon2')
  return hash('correct horse battery staple', { memoryCost: 8192, timeCost: 2, parallelism: 1 })
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const services = await openAccounts(t, backend, { requireEmailVerification: true })
    const { accounts, sessions, newAccount, mailsTo, advance, db } = services
    const login = (account: { email: string; password: string }, caller = CALLER) => accounts.login(account, caller)
    const verified = async () => {
      const account = await newAccount()
      const [mail] = await mailsTo(account.email)
      await accounts.verifyEmail(mail?.token ?? '')
      return account
    }
    const principal = (signedIn: { answer: { access_token: string } }) => {
      const claims = JSON.parse(Buffer.from(signedIn.answer.access_token.split('.')[1] ?? '', 'base64url').toString())
      return {
        kind: 'user',
        userId: claims.sub,
        sessionId: claims.sid,
        jti: claims.jti,
        expiresAt: claims.exp,
      } as const
    }

    await t.test('an unverified address is told of only to who knows the password', async (t) => {
      const account = await newAccount()
      await t.rejects(login({ ...account, password: 'something else entirely' }), { code: 'INVALID_CREDENTIALS' })
      await t.rejects(login(account), { code: 'EMAIL_NOT_VERIFIED' })
      const [mail] = await mailsTo(account.email)
      await accounts.verifyEmail(mail?.token ?? '')
      t.match((await login(account)).answer, { token_type: 'Bearer', expires_in: 900, user: { email_verified: true } })
    })

    await t.test('an address is the same in any case; what is stored is trimmed and normalised', async (t) => {
      const account = await newAccount({ email: 'Zoe.Mixed@Example.org', full_name: '  Zoe\u0308 O’Brien ' })
      const [mail] = await mailsTo('zoe.mixed@example.org')
      await accounts.verifyEmail(mail?.token ?? '')
      const { user } = (await login({ ...account, email: 'ZOE.MIXED@EXAMPLE.ORG' })).answer
      t.match(user, { email: 'zoe.mixed@example.org', full_name: 'Zo\u00eb O’Brien', speaking_language: 'en' })
    })

    await t.test('a taken address gets an answer of the same shape, and the account stays as it is', async (t) => {
      const account = await verified()
      const again = await newAccount({ email: account.email, full_name: 'Mallory', password: 'another long password' })
      t.not(again.id, account.id)
      t.equal((await login(account)).answer.user.full_name, account.full_name)
      await t.rejects(login(again), { code: 'INVALID_CREDENTIALS' })
      const mails = await mailsTo(account.email)
      t.equal(mails.length, 2)
      t.match(mails[1], { token: '', text: /already has an account/ })
      t.notMatch(mails[1]?.text, 'Mallory')
    })

    await t.test(
      'who signs up with the address of another does not keep it: its owner gets a link to take it over',
      async (t) => {
        const stranger = await newAccount({ full_name: 'Mallory' })
        const owner = await newAccount({ email: stranger.email, password: 'another long password' })
        const refused = await newAccount({ email: stranger.email, password: 'yet another long password' })
        t.strictSame(Object.keys(await services.accounts.profile(stranger.id)), Object.keys(refused.answer))
        const mails = await mailsTo(owner.email)
        t.match(mails[1]?.text, /^Subject: Choose your password/m)
        t.match(mails[2]?.token, /^[\w-]{43}$/)
        await t.rejects(
          accounts.resetPassword({ token: mails[1]?.token ?? '', new_password: owner.password }, CALLER),
          { code: 'VALIDATION_ERROR' },
          'the newer link replaces the older',
        )
        await accounts.resetPassword({ token: mails[2]?.token ?? '', new_password: owner.password }, CALLER)
        await t.rejects(login(stranger), { code: 'INVALID_CREDENTIALS' })
        t.equal((await login(owner)).answer.user.email_verified, true)
        await newAccount({ email: stranger.email })
        const told = (await mailsTo(owner.email)).filter(({ text }) => /^Subject: You already have/m.test(text))
        t.match(told, [{ token: '' }], 'from then on')
      },
    )

    await t.test('a password is refused for what it is, whoever has the address', async (t) => {
      const { email } = await newAccount()
      for (const address of [email, 'nobody-yet@example.org'])
        await t.rejects(newAccount({ email: address, password: 'passwordpassword' }), {
          code: 'VALIDATION_ERROR',
          details: [{ field: 'body.password' }],
        })
    })

    await t.test('five failures make that account wait at that address, and nobody else', async (t) => {
      const account = await verified()
      for (let i = 0; i < 5; i++)
        await t.rejects(login({ ...account, password: 'something else entirely' }), { code: 'INVALID_CREDENTIALS' })
      await t.rejects(login(account), { code: 'RATE_LIMIT_EXCEEDED', headers: { 'retry-after': /^\d+$/ } })
      const elsewhere = { ...CALLER, address: '192.0.2.9', group: '192.0.2.9' }
      await login(account, elsewhere)
      await login(await verified())
      advance(900_001)
      await login(account)
    })

    await t.test('five concurrent guesses are five', async (t) => {
      const account = await verified()
      const guesses = Array.from({ length: 12 }, () =>
        login({ ...account, password: 'something else entirely' }).catch(({ code }) => code),
      )
      const codes = await Promise.all(guesses)
      t.equal(codes.filter((code) => code === 'INVALID_CREDENTIALS').length, 5)
      t.equal(codes.filter((code) => code === 'RATE_LIMIT_EXCEEDED').length, 7)
    })

    await t.test('a hash with old parameters is renewed at sign-in', async (t) => {
      const account = { ...(await verified()), password: 'correct horse battery staple' }
      const mine = eq(users.id, account.id)
      await db
        .update(users)
        .set({ password_hash: await OLD_HASH() })
        .where(mine)
      await login(account)
      const [stored] = await db.select().from(users).where(mine)
      t.match(stored?.password_hash, /m=19456,t=2,p=1/)
      await login(account)
    })

    await t.test(
      'a newer link replaces the older of its kind, and a reset link is over after ten minutes',
      async (t) => {
        const account = await verified()
        const links = async () => (await mailsTo(account.email)).slice(1).map(({ token }) => token)
        const reset = (token: string | undefined) =>
          accounts.resetPassword({ token: token ?? '', new_password: 'a new and longer phrase' }, CALLER)
        await accounts.forgotPassword(account.email)
        await mailsTo(account.email)
        await accounts.forgotPassword(account.email.toUpperCase())
        const [older, newer] = await links()
        await t.rejects(reset(older), { code: 'VALIDATION_ERROR', details: [{ field: 'body.token' }] })
        await t.rejects(accounts.verifyEmail(newer ?? ''), { code: 'VALIDATION_ERROR' }, 'for another purpose')
        advance(600_000)
        await t.rejects(reset(newer), { code: 'VALIDATION_ERROR' })
      },
    )

    await t.test('a reset ends every session and the wait after failures, and works once', async (t) => {
      const account = await verified()
      const signedIn = await login(account)
      for (let i = 0; i < 5; i++) await login({ ...account, password: 'not the password!' }).catch(() => undefined)
      await accounts.forgotPassword(account.email)
      const token = (await mailsTo(account.email))[1]?.token ?? ''
      const password = 'a new and longer phrase'
      const refused = accounts.resetPassword({ token, new_password: 'passwordpassword' }, CALLER)
      await t.rejects(
        refused,
        { code: 'VALIDATION_ERROR', details: [{ field: 'body.new_password' }] },
        'which does not use the link up',
      )
      const tries = await Promise.allSettled(
        Array.from({ length: 4 }, () => accounts.resetPassword({ token, new_password: password }, CALLER)),
      )
      t.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
      await t.rejects(sessions.refresh(signedIn.refreshToken), { code: 'TOKEN_REVOKED' })
      await login({ ...account, password })
      t.match((await mailsTo(account.email)).at(-1)?.text, /password of your account was changed/)
    })

    await t.test('a stranger can fill neither a mailbox nor lock its owner out', async (t) => {
      const account = await verified()
      for (let i = 0; i < 20; i++) await accounts.forgotPassword(account.email)
      const mails = (await mailsTo(account.email)).slice(1)
      t.equal(mails.length, 5)
      const last = mails.at(-1)?.token ?? ''
      await accounts.resetPassword({ token: last, new_password: 'a new and longer phrase' }, CALLER)
    })

    await t.test('nobody gets no mail, and neither does who has nothing to verify', async (t) => {
      const account = await verified()
      await accounts.forgotPassword('nobody-here@example.org')
      await accounts.resendVerification('nobody-here@example.org')
      await accounts.resendVerification(account.email)
      t.equal((await mailsTo('nobody-here@example.org')).length, 0)
      t.equal((await mailsTo(account.email)).length, 1)
    })

    await t.test('a changed password ends the other sessions and open reset links', async (t) => {
      const account = await verified()
      const [one, other] = [await login(account), await login(account)]
      await accounts.forgotPassword(account.email)
      const token = (await mailsTo(account.email))[1]?.token ?? ''
      const change = (current_password: string, new_password: string) =>
        accounts.changePassword(principal(one), { current_password, new_password }, CALLER)
      await t.rejects(change('not the password!', 'a new and longer phrase'), { code: 'INVALID_CREDENTIALS' })
      await t.rejects(change(account.password, 'passwordpassword'), {
        code: 'VALIDATION_ERROR',
        details: [{ field: 'body.new_password' }],
      })
      await change(account.password, 'a new and longer phrase')
      await sessions.refresh(one.refreshToken)
      await t.rejects(sessions.refresh(other.refreshToken), { code: 'TOKEN_REVOKED' })
      await t.rejects(accounts.resetPassword({ token, new_password: 'yet another phrase' }, CALLER), {
        code: 'VALIDATION_ERROR',
      })
    })

    await t.test('deletion erases, ends the sessions and the rooms, and frees the address', async (t) => {
      const account = await verified()
      const signedIn = await login(account)
      const me = principal(signedIn)
      const room = await services.meetings.create(me, { name: 'Standup' })
      await t.rejects(accounts.deleteAccount(me, { password: 'not the password!' }, CALLER), {
        code: 'INVALID_CREDENTIALS',
      })
      t.match(await services.meetings.get(me, room.room_code), { status: 'active' }, 'nothing was ended yet')
      await accounts.deleteAccount(me, { password: account.password }, CALLER)
      await t.rejects(services.meetings.get(me, room.room_code), { code: 'NOT_FOUND' })
      t.equal(await services.state.revocations.isRevoked(`u:${me.userId}`, me.sessionId), true)
      await t.rejects(accounts.profile(me.userId), { code: 'TOKEN_REVOKED' })
      await t.rejects(sessions.refresh(signedIn.refreshToken), { code: 'UNAUTHENTICATED' })
      await t.rejects(login(account), { code: 'INVALID_CREDENTIALS' })
      t.not((await newAccount({ email: account.email })).id, account.id)
    })

    await t.test('a profile changes in what is given', async (t) => {
      const { id } = await newAccount()
      const before = await accounts.profile(id)
      const changed = await accounts.updateProfile(id, { listening_language: 'de' })
      t.strictSame(changed, { ...before, listening_language: 'de' })
      t.equal((await accounts.updateProfile(id, { full_name: ' Eva ' })).full_name, 'Eva')
    })

    await t.test('the log says what happened to whom, and holds no address, password or token', async (t) => {
      const account = await verified()
      const signedIn = await login(account)
      await login({ ...account, password: 'something else entirely' }).catch(() => undefined)
      await login({ email: 'nobody-logged@example.org', password: 'something else entirely' }).catch(() => undefined)
      await accounts.forgotPassword(account.email)
      const token = (await mailsTo(account.email))[1]?.token ?? 'none'
      const log = services.log.lines.join('\n')
      const actions = (of: string) => services.log.entries().filter(({ subject }) => subject === of)
      t.match(actions(account.id), [
        { event: 'security', action: 'signup', outcome: 'success' },
        { action: 'email_verified', outcome: 'success' },
        { action: 'login', outcome: 'success' },
        { action: 'login', outcome: 'failure' },
      ])
      for (const secret of [
        account.email,
        account.password,
        token,
        signedIn.refreshToken,
        'nobody-logged@',
        'something else',
      ])
        t.notOk(log.includes(secret), secret)
      t.notOk(log.includes(signedIn.answer.access_token) || log.includes(signedIn.answer.csrf_token))
    })
  })
}
