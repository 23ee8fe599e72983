import * as accounts from './schema/accounts.ts'
import * as audit from './schema/audit.ts'
import * as mail from './schema/mail.ts'
import * as polls from './schema/polls.ts'
import * as rooms from './schema/rooms.ts'

export * from './schema/accounts.ts'
export * from './schema/audit.ts'
export * from './schema/mail.ts'
export * from './schema/polls.ts'
export * from './schema/rooms.ts'

export const schema = { ...accounts, ...audit, ...mail, ...polls, ...rooms }
