import { count } from 'drizzle-orm'
import t from 'tap'
import { mailJobs } from '../../repositories/schema.ts'
import { openAccounts } from '../support/accounts.ts'
import { backends } from '../support/backends.ts'
import { startSmtp } from '../support/smtp.ts'

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const smtp = await startSmtp(t)
    const { accounts, newAccount, mailWorker, advance, db, log, start, close } = await openAccounts(t, backend, {
      smtpUrl: smtp.url,
    })
    /** Signs up, and sends what is due; what the server took for the new address. */
    async function signUp(change: { full_name?: string } = {}) {
      const { email } = await newAccount(change)
      await mailWorker.run()
      return { email, mails: () => smtp.taken.filter(({ envelope }) => envelope[1]?.includes(email)) }
    }
    const tokenIn = (data = '') => /^Token: (\S+)/m.exec(data)?.[1] ?? 'none'

    await t.test('mail goes out over SMTP; the link and the code by hand are the same token', async (t) => {
      const [{ data } = { data: '' }, ...more] = (await signUp()).mails()
      t.equal(more.length, 0)
      t.match(data, /^Subject: Verify your e-mail address$/m)
      const text = data.replaceAll('=\r\n', '').replaceAll('=3D', '=')
      t.ok(text.includes(`http://localhost:3000/verify-email#token=${tokenIn(text)}`))
      await accounts.verifyEmail(tokenIn(text))
    })

    await t.test('a mail that is refused is tried again later, with a link of its own', async (t) => {
      smtp.refuse(true)
      const { mails } = await signUp()
      smtp.refuse(false)
      await mailWorker.run()
      t.equal(mails().length, 0, 'not before it is due again')
      advance(10_000)
      await mailWorker.run()
      t.equal(mails().length, 1)
      await accounts.verifyEmail(tokenIn(mails()[0]?.data))
    })

    await t.test('a mail that is never taken is given up in the end, and said so', async (t) => {
      smtp.refuse(true)
      const { email } = await signUp()
      for (let attempt = 1; attempt < 8; attempt++) {
        advance(3_600_000)
        await mailWorker.run()
      }
      smtp.refuse(false)
      t.same(await db.select({ left: count() }).from(mailJobs), [{ left: 0 }])
      t.ok(log.lines.some((line) => line.includes('mail given up')))
      t.notOk(log.lines.join('\n').includes(email))
    })

    await t.test('several workers send each mail once', async (t) => {
      const before = smtp.taken.length
      const others = [await start(), await start()]
      await Promise.all(Array.from({ length: 6 }, () => newAccount()))
      await Promise.all([mailWorker, ...others.map((other) => other.mailWorker)].map((worker) => worker.run()))
      const taken = smtp.taken.slice(before)
      t.equal(taken.length, 6)
      t.equal(new Set(taken.map(({ envelope }) => envelope[1])).size, 6)
      for (const other of others) await other.close()
    })

    await t.test('a name adds nothing to the headers', async (t) => {
      const { mails } = await signUp({ full_name: 'Ana Bcc: all@example.com' })
      const [headers = ''] = (mails()[0]?.data ?? '').split('\r\n\r\n')
      t.notMatch(headers, /Ana|Bcc/)
      t.match(headers, /^Auto-Submitted: auto-generated$/m)
      t.equal(mails()[0]?.envelope.length, 2)
    })

    await t.test('the owner of an address hears three times a day that somebody signs up with it', async (t) => {
      const { email, mails } = await signUp()
      const again = async (times: number) => {
        const before = mails().length
        for (let time = 0; time < times; time += 1) {
          await newAccount({ email })
          await mailWorker.run()
        }
        return mails().length - before
      }
      t.equal(await again(5), 3)
      advance(86_400_000)
      t.equal(await again(1), 1)
    })

    await t.test('a closed worker takes no more jobs', async (t) => {
      await close()
      const { mails } = await signUp()
      t.equal(mails().length, 0)
      t.same(await db.select({ left: count() }).from(mailJobs), [{ left: 1 }])
    })
  })
}
