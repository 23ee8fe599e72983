import { createHash } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import type { Database } from '../../repositories/database.ts'
import { auditEvents, users } from '../../repositories/schema.ts'
import type { AuditEvent } from '../../schemas/audit.ts'

/** Makes an account an admin's, as somebody with the database can. */
export async function makeAdmin(db: Database, userId: string, role: 'user' | 'admin' = 'admin'): Promise<void> {
  await db.update(users).set({ role }).where(eq(users.id, userId))
}

/** The whole trail as it is in the table, in its order. */
export const rowsOf = (db: Database) => db.select().from(auditEvents).orderBy(auditEvents.seq)

/** Changes rows as somebody may who owns the database: past the triggers. */
export async function tamper(db: Database, statement: ReturnType<typeof sql>): Promise<void> {
  await db.execute(sql`alter table audit_events disable trigger user`)
  await db.execute(statement)
  await db.execute(sql`alter table audit_events enable trigger user`)
}

/** The hash of a row by the words of the decision, and not by the code that writes it. */
export function documentedHash({ hash: _hash, ...row }: AuditEvent): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, sorted(Reflect.get(value, key))]),
    )
  }
  return createHash('sha256')
    .update(JSON.stringify(sorted(row)))
    .digest('base64url')
}
