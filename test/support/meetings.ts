import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Test } from 'tap'
import { createAuditEventsRepository } from '../../repositories/audit-events.ts'
import { createCaptionsRepository } from '../../repositories/captions.ts'
import { type Database, openDatabase } from '../../repositories/database.ts'
import { createInvitationsRepository } from '../../repositories/invitations.ts'
import { createMailJobsRepository } from '../../repositories/mail-jobs.ts'
import { createParticipantsRepository } from '../../repositories/participants.ts'
import { createRoomsRepository } from '../../repositories/rooms.ts'
import { users } from '../../repositories/schema.ts'
import { createTranscriptRoomsRepository } from '../../repositories/transcript-rooms.ts'
import { createOrigins } from '../../services/audit/origin.ts'
import { createAudit } from '../../services/audit.ts'
import { createAddressDigests } from '../../services/meetings/address-digests.ts'
import { createMeetings } from '../../services/meetings.ts'
import type { GuestPrincipal, UserPrincipal } from '../../services/principal.ts'
import { createTokens } from '../../services/tokens.ts'
import { createForgetting } from '../../services/transcripts/forgetting.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import type { RoomEvent } from '../../state/room-events.ts'
import type { Clock, State } from '../../state/state.ts'
import type { Backend } from './backends.ts'
import { dataFolder } from './data-folder.ts'
import { FAILURES, openRedisState } from './states.ts'

/** A migrated database of the backend, with a way to put users into it. */
export async function openTestDatabase(t: Test, databaseUrl: string | null) {
  const handle = await openDatabase({ databaseUrl, dataDir: dataFolder(t) }, { warn: () => undefined })
  t.teardown(() => handle.close())
  await handle.migrate()

  async function addUser(profile: Partial<typeof users.$inferInsert> = {}): Promise<UserPrincipal> {
    const userId = randomUUID()
    const at = new Date()
    await handle.db.insert(users).values({
      id: userId,
      email: `${userId}@example.org`,
      password_hash: 'x',
      full_name: 'Ana',
      speaking_language: 'es',
      listening_language: 'es',
      accepted_terms_at: at,
      created_at: at,
      updated_at: at,
      ...profile,
    })
    return { kind: 'user', userId, sessionId: randomUUID(), jti: randomUUID(), expiresAt: Date.now() + 900_000 }
  }

  return { ...handle, addUser }
}

async function openState(t: Test, redisUrl: string | null, clock: { now?: Clock }): Promise<State> {
  return redisUrl ? openRedisState(t, redisUrl, clock) : createMemoryState({ failures: FAILURES, ...clock })
}

/** The audit trail of a database, for services that are built by hand: nobody asks, so the server itself is the actor. */
export function auditOf(db: Database, change: Partial<Parameters<typeof createAudit>[0]> = {}) {
  return createAudit({
    database: db,
    auditEvents: createAuditEventsRepository(db),
    securityLog: () => undefined,
    origins: createOrigins(),
    digestAddress: (group) => group,
    log: { error: (fields) => console.error(fields) },
    now: () => new Date(),
    ...change,
  })
}

/** Parts of the meetings service that most tests do not look at. */
export function meetingParts(db: Database) {
  return {
    audit: auditOf(db),
    invitations: createInvitationsRepository(db),
    mailJobs: createMailJobsRepository(db),
    addressDigests: createAddressDigests({ secretKey: 'k'.repeat(43), secretKeyPrevious: null }),
    forgetWords: createForgetting({
      database: db,
      captions: createCaptionsRepository(db),
      transcriptRooms: createTranscriptRoomsRepository(db),
      participants: createParticipantsRepository(db),
      now: () => new Date(),
    }).forgetUser,
    closePolls: async () => undefined,
    mailQueued: () => undefined,
  }
}

/** The meetings service on the real parts of a backend. `now` is the clock of the state, where the test moves it. */
export async function openMeetings(t: Test, backend: Backend, now?: Clock) {
  const { redisUrl, databaseUrl } = await backend.open(t)
  const database = await openTestDatabase(t, databaseUrl)
  const state = await openState(t, redisUrl, now ? { now } : {})
  const tokens = createTokens({ secretKey: 'k'.repeat(43), secretKeyPrevious: null, accessTokenTtlSeconds: 900 })
  const rooms = createRoomsRepository(database.db)
  const participants = createParticipantsRepository(database.db)
  let time: Date | null = null
  const queued = { times: 0 }
  /** The service of a process with that state. */
  const serviceOf = (state: State) =>
    createMeetings({
      ...meetingParts(database.db),
      database: database.db,
      rooms,
      participants,
      state,
      tokens,
      profileOf: async (userId) => (await database.db.select().from(users).where(eq(users.id, userId)))[0] ?? null,
      publicUrl: 'https://meet.example.org',
      mailQueued: () => {
        queued.times += 1
      },
      now: () => time ?? new Date(),
    })
  const meetings = serviceOf(state)

  return {
    meetings,
    queued,
    /** The service of another process on the same stores. */
    another: async () => serviceOf(redisUrl ? await openState(t, redisUrl, now ? { now } : {}) : state),
    /** Lets the clock of the service stand at a time. */
    setTime(at: Date) {
      time = at
    },
    rooms,
    participants,
    state,
    db: database.db,
    addUser: database.addUser,
    /** The principal of a guest token. */
    guest(token: string | undefined): GuestPrincipal {
      const principal = tokens.verify(token ?? '')
      if (principal.kind !== 'guest') throw new Error('not a guest token')
      return principal
    },
    /** Everything the room was told, oldest first. */
    async events(roomCode: string): Promise<RoomEvent[]> {
      const room = await rooms.findByCode(roomCode)
      return room ? (await state.roomEvents.after(room.id, 0)).events : []
    },
  }
}
