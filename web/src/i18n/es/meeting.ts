import type { meeting as en } from '../en/meeting.ts'

export const meeting: Record<keyof typeof en, string> = {}
