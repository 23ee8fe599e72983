import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { DatabaseUnavailableError, openDatabase } from '../../repositories/database.ts'
import { users } from '../../repositories/schema.ts'
import { backends } from '../support/backends.ts'
import { dataFolder } from '../support/data-folder.ts'
import { startPostgres } from '../support/postgres.ts'

const log = { warn: () => undefined }
const user = (email: string) => {
  const at = new Date()
  return {
    id: randomUUID(),
    email,
    password_hash: 'a stored hash',
    full_name: 'Ana',
    speaking_language: 'es',
    listening_language: 'es',
    accepted_terms_at: at,
    created_at: at,
    updated_at: at,
  }
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.open(t)
    const database = await openDatabase({ databaseUrl, dataDir: dataFolder(t) }, log)
    t.teardown(() => database.close())

    await t.test('migrations are pending until they are applied, and applied once', async (t) => {
      t.ok((await database.pendingMigrations()) > 0)
      await database.migrate()
      await database.migrate()
      t.equal(await database.pendingMigrations(), 0)
      await database.ping()
    })

    await t.test('a transaction that throws leaves nothing behind', async (t) => {
      const failing = database.db.transaction(async (tx) => {
        await tx.insert(users).values(user('undone@example.org'))
        throw new Error('changed my mind')
      })
      await t.rejects(failing, { message: 'changed my mind' })
      t.strictSame(await database.db.select().from(users), [])
    })

    await t.test('an error tells nothing of the values of the query', async (t) => {
      await database.db.insert(users).values(user('taken@example.org'))
      const error: Error = await database.db
        .insert(users)
        .values(user('taken@example.org'))
        .then(
          () => new Error('was inserted'),
          (failure) => failure,
        )
      t.equal(Reflect.get(error, 'code'), '23505')
      const told = JSON.stringify({ ...error, message: error.message, stack: error.stack })
      t.notMatch(told, 'taken@example.org')
      t.notMatch(told, 'a stored hash')
    })

    await t.test('after closing, which may be asked for twice, the database is unavailable', async (t) => {
      await database.close()
      await database.close()
      await t.rejects(database.ping(), DatabaseUnavailableError)
    })
  })
}

t.test('a data folder belongs to one process at a time, and outlives it', async (t) => {
  const dataDir = dataFolder(t)
  const first = await openDatabase({ databaseUrl: null, dataDir }, log)
  await first.migrate()
  await first.db.insert(users).values(user('kept@example.org'))
  await t.rejects(openDatabase({ databaseUrl: null, dataDir }, log), /Another process/)
  await first.close()

  const second = await openDatabase({ databaseUrl: null, dataDir }, log)
  t.teardown(() => second.close())
  t.equal((await second.db.select().from(users)).length, 1)
})

t.test('PostgreSQL', async (t) => {
  const postgres = await startPostgres(t)
  const databaseUrl = await postgres.createDatabase()
  const open = async () => {
    const database = await openDatabase({ databaseUrl, dataDir: t.testdirName }, log)
    t.teardown(() => database.close())
    return database
  }
  const [one, other] = [await open(), await open()]

  await t.test('several processes can migrate at once', async (t) => {
    await Promise.all([one.migrate(), other.migrate(), one.migrate()])
    t.equal(await one.pendingMigrations(), 0)
  })

  await t.test('one that dies costs the queries it was running; when it is back, they work again', async (t) => {
    const busy = () => one.db.transaction((tx) => tx.execute(sql`select pg_sleep(0.01)`))
    await Promise.all(Array.from({ length: 20 }, busy))
    const running = Promise.allSettled(
      Array.from({ length: 30 }, () => one.db.transaction((tx) => tx.execute(sql`select pg_sleep(60)`))),
    )
    await postgres.stop()
    for (const result of await running)
      t.ok(result.status === 'rejected' && result.reason instanceof DatabaseUnavailableError)
    await t.rejects(one.ping(), DatabaseUnavailableError)
    await t.rejects(busy(), DatabaseUnavailableError)
    await postgres.start()
    await Promise.all(Array.from({ length: 30 }, busy))
  })
})
