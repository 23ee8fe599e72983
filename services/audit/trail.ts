import { AppError } from '../../errors.ts'
import type { AuditEventsRepository, AuditFilter, AuditRecord } from '../../repositories/audit-events.ts'
import type { ParticipantsRepository } from '../../repositories/participants.ts'
import type { RoomsRepository } from '../../repositories/rooms.ts'
import type { AuditFormat, AuditPage, AuditQuery } from '../../schemas/audit.ts'
import type { Limiter } from '../../state/limiter.ts'
import type { Admins } from '../admins.ts'
import type { Audit } from '../audit.ts'
import { createAccess } from '../meetings/access.ts'
import type { UserPrincipal } from '../principal.ts'
import { attachment } from '../transcripts/filename.ts'
import { AUDIT_FORMATS } from './formats.ts'
import { toAuditEvent } from './wire.ts'

/** Rows of one export, and those that are in memory at a time. */
export const MAX_EXPORTED = 100_000
const BATCH = 500
const EXPORTS = { name: 'audit_export', max: 10, windowMs: 60_000 }

export interface AuditTrailOptions {
  auditEvents: Pick<AuditEventsRepository, 'newest' | 'oldest' | 'count' | 'head'>
  rooms: RoomsRepository
  participants: ParticipantsRepository
  admins: Pick<Admins, 'isAdmin' | 'require'>
  audit: Pick<Audit, 'record' | 'recordOnce'>
  limiter: Limiter
  /** The digests that may stand for a group of addresses. */
  addressDigests: (group: string) => readonly string[]
  now: () => Date
  maxExported?: number
}

/** What of the trail is asked for. `address` is a group of addresses. */
export type AuditSearch = Omit<AuditQuery, 'limit' | 'cursor' | 'format'>

export interface AuditDownload {
  contentType: string
  disposition: string
  chunks: AsyncGenerator<string>
}

export type AuditTrail = ReturnType<typeof createAuditTrail>

/** The audit trail as it is read: all of it by admins, that of a room by its hosts. Reading it is recorded too. */
export function createAuditTrail(options: AuditTrailOptions) {
  const { auditEvents, rooms, admins, audit, limiter, addressDigests, now, maxExported = MAX_EXPORTED } = options
  const { hostAccess } = createAccess(options)

  /** Throws NOT_FOUND for a room that the caller may not know of, FORBIDDEN, and what `admins` throws. */
  async function scopeOf(principal: UserPrincipal, { room_code, address }: AuditSearch) {
    if (room_code === undefined) {
      await admins.require(principal)
      return { isAdmin: true, room: null }
    }
    const isAdmin = await admins.isAdmin(principal)
    const room = isAdmin ? await rooms.findByCode(room_code) : (await hostAccess(principal, room_code)).room
    if (!room) throw new AppError('NOT_FOUND')
    // A host could try addresses until one of its guests is found.
    if (!isAdmin && address !== undefined) throw new AppError('FORBIDDEN', 'Only an admin may search for addresses.')
    return { isAdmin, room }
  }
  type Scope = Awaited<ReturnType<typeof scopeOf>>

  function filterOf(
    { room }: Scope,
    { action, outcome, actor_id, subject, address, from, to }: AuditSearch,
  ): AuditFilter {
    return {
      ...{ action, outcome, actorId: actor_id, subject, roomId: room?.id },
      addresses: address === undefined ? undefined : addressDigests(address),
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
    }
  }

  const readingOf = ({ room }: Scope) => ({
    outcome: 'success' as const,
    subject: room?.id ?? 'audit',
    ...(room ? { roomId: room.id } : {}),
  })

  async function* read(filter: AuditFilter, upTo: number): AsyncGenerator<AuditRecord[]> {
    for (let after = 0; ; ) {
      const rows = await auditEvents.oldest(filter, { after, upTo, limit: BATCH })
      const last = rows.at(-1)
      if (!last) return
      yield rows
      if (rows.length < BATCH) return
      after = last.seq
    }
  }

  return {
    /** A page, newest first. Throws NOT_FOUND, FORBIDDEN. */
    async page(
      principal: UserPrincipal,
      search: AuditSearch,
      { limit = 50, cursor }: { limit?: number | undefined; cursor?: number | undefined },
    ): Promise<AuditPage> {
      const scope = await scopeOf(principal, search)
      const rows = await auditEvents.newest(filterOf(scope, search), { before: cursor, limit: limit + 1 })
      // Whoever turns the pages reads on.
      if (cursor === undefined) await audit.recordOnce({ action: 'audit_read', ...readingOf(scope) })
      const shown = rows.slice(0, limit)
      const next_cursor = rows.length > limit ? (shown.at(-1)?.seq ?? null) : null
      return { events: shown.map((row) => toAuditEvent(row, scope.isAdmin)), next_cursor }
    },

    /**
     * All that is found, oldest first, read from the database as it is taken. Throws NOT_FOUND, FORBIDDEN, RATE_LIMIT_EXCEEDED, and
     * UNPROCESSABLE when there is more than one file may hold.
     */
    async download(principal: UserPrincipal, search: AuditSearch, format: AuditFormat): Promise<AuditDownload> {
      const scope = await scopeOf(principal, search)
      const { admitted, resetMs } = await limiter.admit({ limits: [EXPORTS], subject: `u:${principal.userId}` })
      if (!admitted) {
        const headers = { 'retry-after': String(Math.max(1, Math.ceil(resetMs / 1000))) }
        throw new AppError('RATE_LIMIT_EXCEEDED', 'Too many exports at once.', { headers })
      }
      const filter = filterOf(scope, search)
      const upTo = (await auditEvents.head())?.seq ?? 0
      const found = await auditEvents.count(filter, { upTo, most: maxExported + 1 })
      if (found > maxExported)
        throw new AppError('UNPROCESSABLE', `More than ${maxExported} events: narrow them with from and to.`)
      const details = { format, rows: found, filters: Object.keys(search).sort() }
      await audit.record({ action: 'audit_exported', ...readingOf(scope), details })
      const { contentType, head, rows: write, tail } = AUDIT_FORMATS[format]
      const { isAdmin } = scope

      async function* text(): AsyncGenerator<string> {
        yield head(isAdmin)
        let index = 0
        for await (const batch of read(filter, upTo)) {
          const events = batch.map((row) => toAuditEvent(row, isAdmin))
          yield write(events, index, isAdmin)
          index += events.length
        }
        yield tail
      }
      const disposition = attachment('FluentMeet', format, `audit ${now().toISOString().slice(0, 10)}`)
      return { contentType, disposition, chunks: text() }
    },
  }
}
