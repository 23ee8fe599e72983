import { parseArgs } from 'node:util'
import { createAdminAccounts } from './admin/admin-accounts.ts'
import { askPassword } from './admin/ask-password.ts'
import { runOnDatabase, ScriptError } from './admin/database-script.ts'

// `npm run admin -- create ana@example.org`: who is an admin, by whoever holds the database.

const USAGE = `npm run admin -- create <email> [--name <name>] [--link]   a new admin, or the account of that address becomes one;
                                                           the password is asked for, or read from standard input;
                                                           --link prints a one-time link to choose it with instead
npm run admin -- grant <email>                             an account becomes an admin's
npm run admin -- revoke <email>                            and a user's again, at once
npm run admin -- list                                      every admin`

const given = readArguments()
if (given) {
  const { command, email, name, byLink } = given
  await runOnDatabase(async (db, config) => {
    const accounts = createAdminAccounts(db, { config, askPassword, say: (line) => console.log(line) })
    if (command === 'create') await accounts.create(email, { name, byLink })
    else if (command === 'grant') await accounts.grant(email)
    else if (command === 'revoke') await accounts.revoke(email)
    else if (command === 'list') await accounts.list()
    else throw new ScriptError(USAGE)
  })
} else {
  console.error(USAGE)
  process.exitCode = 1
}

/** Null when they make no sense. A password is never one: others on the machine see them. */
function readArguments() {
  const options = {
    name: { type: 'string', default: 'Administrator' },
    link: { type: 'boolean', default: false },
  } as const
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const [command, email = '', ...others] = positionals
    const wanted = command === 'list' ? email === '' : email !== ''
    if (!/^(create|grant|revoke|list)$/.test(command ?? '') || !wanted || others.length > 0) return null
    return { command, email, name: values.name, byLink: values.link }
  } catch {
    return null
  }
}
