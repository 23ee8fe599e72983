import { account } from './en/account.ts'
import { audit } from './en/audit.ts'
import { calls } from './en/calls.ts'
import { common } from './en/common.ts'
import { keys } from './en/keys.ts'
import { meeting } from './en/meeting.ts'
import { polls } from './en/polls.ts'
import { rooms } from './en/rooms.ts'

export const en = { ...common, ...account, ...keys, ...rooms, ...meeting, ...calls, ...polls, ...audit }
