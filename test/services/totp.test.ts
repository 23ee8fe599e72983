import { eq } from 'drizzle-orm'
import { Secret, TOTP } from 'otpauth'
import t from 'tap'
import { recoveryCodes, users } from '../../repositories/schema.ts'
import { createTotpSecrets } from '../../services/accounts/totp-secrets.ts'
import type { UserPrincipal } from '../../services/principal.ts'
import { CALLER, openAccounts } from '../support/accounts.ts'
import { backends } from '../support/backends.ts'

const STEP_MS = 30_000
const WRONG = { code: 'INVALID_CREDENTIALS', details: [{ field: 'body.totp' }] }
const elsewhere = (n: number) => ({ ...CALLER, address: `192.0.2.${n}`, group: `192.0.2.${n}` })

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const services = await openAccounts(t, backend)
    const { accounts, newAccount, mailsTo, advance, db, log, now } = services
    type Login = Parameters<typeof accounts.login>[0]
    const login = ({ email, password, totp }: Login, caller = CALLER) =>
      accounts.login({ email, password, ...(totp === undefined ? {} : { totp }) }, caller)

    /** What an authenticator app shows, so many steps from now. */
    const codeOf = (secret: string, steps = 0) =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now().getTime() + steps * STEP_MS })
    const wrongFor = (secret: string) => {
      const near = [-1, 0, 1].map((steps) => codeOf(secret, steps))
      return ['000000', '111111', '222222', '333333'].find((code) => !near.includes(code)) ?? ''
    }

    async function signedUp() {
      const account = await newAccount()
      const me = principalOf(await login(account))
      return { ...account, me }
    }
    /** Somebody whose second factor is on; the code that confirmed it is a step old. */
    async function withTotp() {
      const account = await signedUp()
      const { secret } = await accounts.setUpTotp(account.me, account, CALLER)
      const { recovery_codes } = await accounts.confirmTotp(account.me, { code: codeOf(secret) })
      advance(STEP_MS)
      return { ...account, secret, recovery_codes }
    }
    const recordOf = async (id: string) => (await db.select().from(users).where(eq(users.id, id)))[0]

    await t.test('setting up asks for the password, and changes nothing until a code confirms it', async (t) => {
      const { me, ...account } = await signedUp()
      await t.rejects(accounts.setUpTotp(me, { password: 'not the password!' }, CALLER), {
        code: 'INVALID_CREDENTIALS',
      })
      await t.rejects(accounts.confirmTotp(me, { code: '000000' }), { code: 'CONFLICT' }, 'nothing is set up')
      const first = await accounts.setUpTotp(me, account, CALLER)
      const again = await accounts.setUpTotp(me, account, CALLER)
      t.not(again.secret, first.secret)
      t.match(again.secret, /^[A-Z2-7]{32}$/, '160 bits')
      const url = new URL(again.otpauth_url)
      t.equal(`${url.protocol}//${url.host}`, 'otpauth://totp')
      t.equal(decodeURIComponent(url.pathname), `/FluentMeet:${account.email}`)
      t.match(Object.fromEntries(url.searchParams), {
        secret: again.secret,
        issuer: 'FluentMeet',
        algorithm: 'SHA1',
        digits: '6',
        period: '30',
      })
      t.equal((await login(account)).answer.user.totp_enabled, false)
      await t.rejects(accounts.confirmTotp(me, { code: codeOf(first.secret) }), {
        code: 'INVALID_CREDENTIALS',
        details: [{ field: 'body.code' }],
      })
      await accounts.confirmTotp(me, { code: codeOf(again.secret) })
      t.equal((await accounts.profile(me.userId)).totp_enabled, true)
      await t.rejects(accounts.setUpTotp(me, account, CALLER), { code: 'CONFLICT' })
      await t.rejects(accounts.confirmTotp(me, { code: codeOf(again.secret, 1) }), { code: 'CONFLICT' })
    })

    await t.test('neither the secret nor a recovery code can be read from the database or the log', async (t) => {
      const { me, secret, recovery_codes } = await withTotp()
      t.equal(new Set(recovery_codes).size, 10)
      for (const code of recovery_codes) t.match(code, /^[a-z2-7]{4}(-[a-z2-7]{4}){6}$/, '140 bits')
      const stored = JSON.stringify([
        await recordOf(me.userId),
        await db.select().from(recoveryCodes).where(eq(recoveryCodes.user_id, me.userId)),
      ])
      for (const held of [secret, ...recovery_codes, ...recovery_codes.map((code) => code.replaceAll('-', ''))]) {
        t.notOk(stored.includes(held))
        t.notOk(log.lines.join('').includes(held))
      }
    })

    await t.test('only who knows the password learns that a code is missing or wrong', async (t) => {
      const account = await withTotp()
      const password = 'something else entirely'
      const plain = await login({ ...account, password }).catch((error) => error)
      const withCode = await login({ ...account, password, totp: codeOf(account.secret) }).catch((error) => error)
      for (const error of [plain, withCode]) t.match(error, { code: 'INVALID_CREDENTIALS', details: [] })
      await t.rejects(login(account), { ...WRONG, details: [{ field: 'body.totp', message: 'is required' }] })
      await t.rejects(login({ ...account, totp: wrongFor(account.secret) }), WRONG)
      t.equal((await login({ ...account, totp: codeOf(account.secret) })).answer.user.totp_enabled, true)
    })

    await t.test('codes of the steps beside the present one are taken, others not', async (t) => {
      const account = await withTotp()
      advance(5 * STEP_MS)
      for (const steps of [-2, 2])
        await t.rejects(login({ ...account, totp: codeOf(account.secret, steps) }), WRONG, `${steps}`)
      await login({ ...account, totp: codeOf(account.secret, -1) })
      await login({ ...account, totp: codeOf(account.secret, 1) })
      await t.rejects(login({ ...account, totp: codeOf(account.secret) }), WRONG, 'older than the last one taken')
    })

    await t.test('no code is taken twice: of many that use one at once, on two processes, one gets in', async (t) => {
      const account = await withTotp()
      const other = await services.start({ state: services.state })
      const totp = codeOf(account.secret)
      const tries = await Promise.allSettled(
        Array.from({ length: 10 }, (_, i) =>
          (i % 2 ? other.accounts : accounts).login({ ...account, totp }, elsewhere(i + 10)),
        ),
      )
      t.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
      advance(STEP_MS)
      await t.rejects(login({ ...account, totp }), { code: /INVALID_CREDENTIALS|RATE_LIMIT_EXCEEDED/ })
    })

    await t.test('a recovery code takes the place of a code once, however it is typed', async (t) => {
      const account = await withTotp()
      const [one = '', two = ''] = account.recovery_codes
      await login({ ...account, totp: one })
      await t.rejects(login({ ...account, totp: one }), WRONG)
      const typed = ` ${two.toUpperCase().replaceAll('-', ' ')} `
      const tries = await Promise.allSettled([1, 2, 3].map(() => login({ ...account, totp: typed })))
      t.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
      t.match(
        log.of('security').filter(({ action }) => action === 'recovery_code'),
        [{ subject: account.id, left: 9 }, { left: 8 }],
      )
      const someone = await withTotp()
      await t.rejects(login({ ...someone, totp: account.recovery_codes[2] ?? '' }), WRONG, 'of somebody else')
    })

    await t.test('wrong codes make the account wait, from whichever address they come', async (t) => {
      const account = await withTotp()
      const totp = wrongFor(account.secret)
      for (let i = 0; i < 5; i++) await t.rejects(login({ ...account, totp }, elsewhere(i + 30)), WRONG)
      const wait = { code: 'RATE_LIMIT_EXCEEDED', headers: { 'retry-after': /^\d+$/ } }
      await t.rejects(login({ ...account, totp: codeOf(account.secret) }, elsewhere(40)), wait)
      await t.rejects(
        login({ ...account, password: 'something else entirely' }, elsewhere(41)),
        { code: 'INVALID_CREDENTIALS' },
        'who does not know the password is told nothing of it',
      )
      advance(900_001)
      await login({ ...account, totp: codeOf(account.secret) }, elsewhere(40))
    })

    await t.test('the right password alone gives nobody more tries', async (t) => {
      const account = await withTotp()
      for (let i = 0; i < 5; i++) await t.rejects(login(account), WRONG)
      await t.rejects(login({ ...account, totp: codeOf(account.secret) }), { code: 'RATE_LIMIT_EXCEEDED' })
      await login({ ...account, totp: codeOf(account.secret) }, elsewhere(50))
    })

    await t.test('a new password and the end of the account ask for a code too', async (t) => {
      const account = await withTotp()
      const { me, secret } = account
      const change = { current_password: account.password, new_password: 'a new and longer phrase' }
      await t.rejects(accounts.changePassword(me, change, CALLER), WRONG)
      const totp = codeOf(secret)
      await t.rejects(
        accounts.changePassword(me, { ...change, new_password: 'passwordpassword', totp }, CALLER),
        { code: 'VALIDATION_ERROR' },
        'which costs nobody the code',
      )
      await accounts.changePassword(me, { ...change, totp }, CALLER)
      const password = change.new_password
      await t.rejects(accounts.deleteAccount(me, { password }, CALLER), WRONG)
      await t.rejects(accounts.deleteAccount(me, { password, totp }, CALLER), WRONG, 'used already')
      await accounts.deleteAccount(me, { password, totp: account.recovery_codes[0] ?? '' }, CALLER)
      t.equal(await recordOf(me.userId), undefined)
      t.equal((await db.select().from(recoveryCodes).where(eq(recoveryCodes.user_id, me.userId))).length, 0)
    })

    await t.test('turning it off takes the password and a code; the owner gets a mail of both', async (t) => {
      const account = await withTotp()
      const { me, password, secret, recovery_codes } = account
      const off = (request: { password: string; code: string }) => accounts.disableTotp(me, request, CALLER)
      await t.rejects(off({ password: 'not the password!', code: codeOf(secret) }), { code: 'INVALID_CREDENTIALS' })
      await t.rejects(off({ password, code: wrongFor(secret) }), {
        code: 'INVALID_CREDENTIALS',
        details: [{ field: 'body.code' }],
      })
      await off({ password, code: recovery_codes[0] ?? '' })
      t.equal((await login(account)).answer.user.totp_enabled, false)
      await t.rejects(off({ password, code: recovery_codes[1] ?? '' }), { code: 'CONFLICT' })
      const subjects = (await mailsTo(account.email)).map(({ text }) => /^Subject: (.*)$/m.exec(text)?.[1])
      t.match(subjects.slice(-2), ['One-time passwords are on', 'One-time passwords are off'])

      const renewed = await accounts.setUpTotp(me, account, CALLER)
      t.not(renewed.secret, secret)
      await accounts.confirmTotp(me, { code: codeOf(renewed.secret) })
      await t.rejects(login({ ...account, totp: recovery_codes[1] ?? '' }), WRONG, 'old recovery codes are gone')
    })

    await t.test('a reset does not turn it off, except for who never proved to own the address', async (t) => {
      const account = await withTotp()
      const reset = async (new_password: string) => {
        await accounts.forgotPassword(account.email)
        const token = (await mailsTo(account.email)).at(-1)?.token ?? ''
        await accounts.resetPassword({ token, new_password }, CALLER)
      }
      // Whoever signed up with the address of another cannot keep it from its owner.
      await reset('a new and longer phrase')
      const password = 'a new and longer phrase'
      const me = principalOf(await login({ ...account, password }))
      const { secret } = await accounts.setUpTotp(me, { password }, CALLER)
      await accounts.confirmTotp(me, { code: codeOf(secret) })
      advance(STEP_MS)
      await reset('yet another longer phrase')
      await t.rejects(login({ ...account, password: 'yet another longer phrase' }), WRONG)
      await login({ ...account, password: 'yet another longer phrase', totp: codeOf(secret) })
    })

    await t.test('keys rotate: a secret sealed under the previous key is sealed anew when it is used', async (t) => {
      const account = await withTotp()
      const old = 'an older key an older key an older key an older key'
      const sealedUnder = (secretKey: string) => createTotpSecrets({ secretKey, secretKeyPrevious: null })
      const store = (totp_secret_sealed: string) =>
        db.update(users).set({ totp_secret_sealed }).where(eq(users.id, account.id))
      await store(sealedUnder(old).seal(account.id, account.secret))
      await t.rejects(login({ ...account, totp: codeOf(account.secret) }), WRONG, 'no key opens it')
      await login({ ...account, totp: account.recovery_codes[0] ?? '' })

      const rotated = await services.start({}, { secretKeyPrevious: old })
      await rotated.accounts.login({ ...account, totp: codeOf(account.secret) }, CALLER)
      advance(STEP_MS)
      await login({ ...account, totp: codeOf(account.secret) })

      const other = await withTotp()
      await store((await recordOf(other.id))?.totp_secret_sealed ?? '')
      await t.rejects(login({ ...account, totp: codeOf(other.secret) }), WRONG, 'the secret of another user')
    })

    await t.test('the log says who turned it on and off and what failed', async (t) => {
      const account = await withTotp()
      await login({ ...account, totp: wrongFor(account.secret) }).catch(() => undefined)
      await accounts.disableTotp(account.me, { password: account.password, code: codeOf(account.secret) }, CALLER)
      const lines = log.of('security').filter(({ subject }) => subject === account.id)
      t.match(
        lines.map(({ action, outcome }) => `${action} ${outcome}`),
        [
          'signup success',
          'login success',
          'totp_setup success',
          'totp_enabled success',
          'login failure',
          'totp_disabled success',
        ],
      )
    })
  })
}

function principalOf(signedIn: { answer: { access_token: string } }): UserPrincipal {
  const payload = signedIn.answer.access_token.split('.')[1] ?? ''
  const { sub, sid, jti, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return { kind: 'user', userId: sub, sessionId: sid, jti, expiresAt: exp * 1000 }
}
