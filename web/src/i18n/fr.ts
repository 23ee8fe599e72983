import { account } from './fr/account.ts'
import { common } from './fr/common.ts'
import { meeting } from './fr/meeting.ts'
import { rooms } from './fr/rooms.ts'

export const fr = { ...common, ...account, ...rooms, ...meeting }
