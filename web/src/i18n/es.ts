import { account } from './es/account.ts'
import { audit } from './es/audit.ts'
import { calls } from './es/calls.ts'
import { common } from './es/common.ts'
import { keys } from './es/keys.ts'
import { meeting } from './es/meeting.ts'
import { polls } from './es/polls.ts'
import { rooms } from './es/rooms.ts'

export const es = { ...common, ...account, ...keys, ...rooms, ...meeting, ...calls, ...polls, ...audit }
