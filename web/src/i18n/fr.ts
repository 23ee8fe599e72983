import { account } from './fr/account.ts'
import { audit } from './fr/audit.ts'
import { calls } from './fr/calls.ts'
import { common } from './fr/common.ts'
import { keys } from './fr/keys.ts'
import { meeting } from './fr/meeting.ts'
import { polls } from './fr/polls.ts'
import { rooms } from './fr/rooms.ts'

export const fr = { ...common, ...account, ...keys, ...rooms, ...meeting, ...calls, ...polls, ...audit }
