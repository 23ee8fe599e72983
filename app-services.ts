import { join } from 'node:path'
import type { Config } from './config.ts'
import type { createLogger } from './logger.ts'
import { createApertium } from './pipeline/apertium/apertium.ts'
import { createDecoder } from './pipeline/decoding/decoder.ts'
import { createEmbeddedTranscriber } from './pipeline/embedded.ts'
import { createEngines, type Engines } from './pipeline/engines.ts'
import { createEspeak } from './pipeline/espeak/espeak.ts'
import type { Translator } from './pipeline/translator.ts'
import { createVoiceActivities } from './pipeline/voice-activity.ts'
import { createApiKeysRepository } from './repositories/api-keys.ts'
import { createAuditEventsRepository } from './repositories/audit-events.ts'
import { createCaptionsRepository } from './repositories/captions.ts'
import { requireMigrated } from './repositories/database/migrated.ts'
import { type DatabaseHandle, openDatabase } from './repositories/database.ts'
import { createHeldDataRepository } from './repositories/held-data.ts'
import { createInvitationsRepository } from './repositories/invitations.ts'
import { createMailJobsRepository } from './repositories/mail-jobs.ts'
import { createOneTimeTokensRepository } from './repositories/one-time-tokens.ts'
import { createParticipantsRepository } from './repositories/participants.ts'
import { createPollTextsRepository } from './repositories/poll-texts.ts'
import { createRecoveryCodesRepository } from './repositories/recovery-codes.ts'
import { createRefreshTokensRepository } from './repositories/refresh-tokens.ts'
import { createRoomsRepository } from './repositories/rooms.ts'
import { createSessionsRepository } from './repositories/sessions.ts'
import { createTranscriptRoomsRepository } from './repositories/transcript-rooms.ts'
import { createUsersRepository } from './repositories/users.ts'
import { createVotersRepository } from './repositories/voters.ts'
import { createAccounts } from './services/accounts.ts'
import { createAdmins } from './services/admins.ts'
import { createAllowance } from './services/allowance.ts'
import { createApiKeys } from './services/api-keys.ts'
import { createOrigins } from './services/audit/origin.ts'
import { createAuditTrail } from './services/audit/trail.ts'
import { createAudit } from './services/audit.ts'
import { createCsrf } from './services/csrf.ts'
import { createExport } from './services/export.ts'
import { createHealth } from './services/health.ts'
import { createInvitationLinks } from './services/invitation-links.ts'
import { createDelivery } from './services/mail/delivery.ts'
import { createMailTransport } from './services/mail/transport.ts'
import { createMeetingAllowance } from './services/meeting-allowance.ts'
import { createAddressDigests } from './services/meetings/address-digests.ts'
import { createMeetings } from './services/meetings.ts'
import { createDependencyMetrics } from './services/metrics/dependencies.ts'
import { createMetrics, type Metrics } from './services/metrics.ts'
import { createOneTimeLinks } from './services/one-time-links.ts'
import { createPasswords } from './services/passwords.ts'
import { createPipelineTexts } from './services/pipeline-texts.ts'
import { createVoteForgetting } from './services/polls/forgetting.ts'
import { createCountSignals } from './services/polls/signals.ts'
import { createPolls } from './services/polls.ts'
import { createRecordings } from './services/recordings.ts'
import { createSecurityLog } from './services/security-log.ts'
import { createSessions } from './services/sessions.ts'
import { createSpeech } from './services/speech.ts'
import type { CircuitOptions } from './services/stage/guard.ts'
import { createTokens } from './services/tokens.ts'
import { NO_TRACING, type Tracing } from './services/tracing.ts'
import { createTranscription } from './services/transcription.ts'
import { createRecordedRoomEvents } from './services/transcripts/recorded-events.ts'
import { createWriting } from './services/transcripts/writing.ts'
import { createTranscripts } from './services/transcripts.ts'
import { createTranslation } from './services/translation.ts'
import { createMemoryState } from './state/memory/state.ts'
import { createRedisState } from './state/redis/state.ts'
import type { State } from './state/state.ts'
import { createAuditChainWorker } from './workers/audit-chain.ts'
import { createMailWorker } from './workers/mail.ts'
import { openVotes } from './workers/open-votes.ts'
import { createTranscriptWorker } from './workers/transcripts.ts'
import { createUpkeep } from './workers/upkeep.ts'

type Log = ReturnType<typeof createLogger>

export interface ServiceOverrides {
  state: State
  database: DatabaseHandle
  /** In place of those that the settings choose. */
  engines: Partial<Engines>
  /** In place of the translation engines; null: none. */
  translator: Translator | null
  circuit: CircuitOptions
  tracing: Tracing
  now: () => Date
}

export type AppServices = ReturnType<typeof createServices> & { close(): Promise<void> }

interface Opened {
  config: Config
  log: Log
  database: DatabaseHandle
  state: State
  engines: Engines
  metrics: Metrics
  tracing: Tracing
  circuit: CircuitOptions | undefined
  now: () => Date
}

/** Opens the database, the shared state and the engines, and builds the services on them. What was given stays open at `close`. */
export async function openServices(
  config: Config,
  log: Log,
  overrides: Partial<ServiceOverrides>,
): Promise<AppServices> {
  const closers: (() => Promise<void>)[] = []
  /** Last opened, first closed; one that fails keeps none of the others open. */
  async function close(): Promise<void> {
    for (const closer of closers.splice(0).reverse())
      await closer().catch((err: unknown) => log.error({ err }, 'could not close a dependency'))
  }

  try {
    const database = overrides.database ?? (await openDatabase(config, log))
    if (!overrides.database) closers.push(() => database.close())
    await requireMigrated(config, database)
    const state = overrides.state ?? (await openState(config, log))
    if (!overrides.state) closers.push(() => state.close())
    const engines = openEngines(config, log, overrides)
    const metrics = createMetrics()
    closers.push(async () => metrics.close())
    const now = overrides.now ?? (() => new Date())
    const { circuit, tracing = NO_TRACING } = overrides

    const services = createServices({ config, log, database, state, engines, metrics, tracing, circuit, now })
    // When all that records has ended.
    closers.push(() => services.auditChain.close())
    closers.push(() => services.translation.close())
    closers.push(() => services.transcription.close())
    closers.push(() => services.speech.close())
    closers.push(async () => services.mailTransport.close())
    closers.push(() => services.mailWorker.close())
    closers.push(() => services.transcriptWorker.close())
    closers.push(() => services.voteWorker.close())
    if (config.voteConsumer === 'inside') services.voteWorker.start()
    closers.push(() => services.apiKeys.close())
    closers.push(() => services.upkeep.close())
    await services.upkeep.start()
    services.auditChain.start()
    return { ...services, close }
  } catch (error) {
    await close()
    throw error
  }
}

function createServices({ config, log, database, state: shared, engines, metrics, tracing, circuit, now }: Opened) {
  const { db } = database
  const { publicUrl } = config
  const users = createUsersRepository(db)
  const recoveryCodes = createRecoveryCodesRepository(db)
  const mailJobs = createMailJobsRepository(db)
  const securityLog = createSecurityLog(log, metrics.countSecurityEvent)
  const origins = createOrigins()
  const auditEvents = createAuditEventsRepository(db)
  const addressDigests = createAddressDigests(config)
  const digestsOf = (group: string) => addressDigests('audit', group)
  const digestAddress = (group: string) => digestsOf(group)[0] ?? ''
  const audit = createAudit({ database: db, auditEvents, securityLog, origins, digestAddress, log, now })
  const admins = createAdmins({ users, state: shared, audit })
  const tokens = createTokens(config)
  const csrf = createCsrf(config)

  const rooms = createRoomsRepository(db)
  const participants = createParticipantsRepository(db)
  const captions = createCaptionsRepository(db)
  const transcriptRooms = createTranscriptRoomsRepository(db)
  const metricsRegistry = metrics.registry
  const stage = { log, tracing, metrics: metrics.pipeline, ...(circuit ? { circuit } : {}) }
  const transcription = createTranscription({ transcribers: engines.transcribers, ...stage })
  const speech = createSpeech({ synthesizers: engines.synthesizers, ...stage })
  const translation = createTranslation({
    ...{ translators: engines.translators, ...stage },
    ...(shared.status() === 'memory' ? {} : { shared: { cache: shared.sharedCache, secret: config.secretKey } }),
    otherStages: () => ({ transcription: transcription.languages(), speech: speech.languages() }),
  })
  const allowance = createAllowance({ dailyUse: shared.dailyUse, config })
  const recordings = createRecordings({ ...config, decoder: createDecoder(), transcription, allowance, log })
  const pipelineTexts = createPipelineTexts({ translation, speech, allowance })
  const meetingAllowance = createMeetingAllowance({ allowance })
  const voiceActivity = openVoiceActivity(config, engines)
  const write = createWriting({ database: db, captions, transcriptRooms, now })
  const transcriptWorker = createTranscriptWorker({ state: shared, write, log })
  // From here on nobody appends to a room's events without their captions being saved.
  const state: State = { ...shared, roomEvents: createRecordedRoomEvents(shared.roomEvents, transcriptWorker) }
  const transcripts = createTranscripts({
    ...{ database: db, audit, captions, transcriptRooms, rooms, participants, translation, meetingAllowance, now },
    saveNow: transcriptWorker.saveNow,
  })

  const profileOf = (userId: string) => users.findById(userId)
  const { polls: pollRecords, votes, ...voting } = openVotes({ db, state, registry: metricsRegistry, log })
  const voters = createVotersRepository(db)
  voting.voteWorker.onCounted(createCountSignals({ polls: pollRecords, roomEvents: state.roomEvents, log }))
  const polls = createPolls({
    ...{
      database: db,
      audit,
      polls: pollRecords,
      pollTexts: createPollTextsRepository(db),
      votes,
      voters,
      rooms,
      participants,
    },
    ...{ state, translation, meetingAllowance, profileOf, log, now },
    drain: voting.voteWorker.drain,
    voteMetrics: voting.voteMetrics,
  })
  const forgetVotes = createVoteForgetting({ transcriptRooms, voters, drain: voting.voteWorker.drain })

  const links = createOneTimeLinks({ database: db, oneTimeTokens: createOneTimeTokensRepository(db), publicUrl, now })
  const invitations = createInvitationsRepository(db)
  const invitationLinks = createInvitationLinks({ invitations, publicUrl, now })
  const mailTransport = createMailTransport(config)
  const { limiter } = state
  const transport = mailTransport
  const deliver = createDelivery({ users, rooms, links, invitationLinks, limiter, transport, publicUrl, now })
  const mailWorker = createMailWorker({ mailJobs, deliver, log, now })

  const sessionRecords = createSessionsRepository(db)
  const sessions = createSessions({
    ...config,
    sessions: sessionRecords,
    refreshTokens: createRefreshTokensRepository(db),
    state,
    tokens,
    audit,
    securityLog,
    now,
  })
  const apiKeys = createApiKeys({
    ...{ apiKeys: createApiKeysRepository(db), users, sessions: sessionRecords, admins },
    ...{ state, audit, log, now },
  })
  const meetings = createMeetings({
    database: db,
    audit,
    rooms,
    participants,
    invitations,
    mailJobs,
    state,
    tokens,
    profileOf,
    addressDigests,
    async forgetWords(userId) {
      await forgetVotes(userId)
      await transcripts.forgetUser(userId)
    },
    closePolls: polls.closeAll,
    mailQueued: mailWorker.wake,
    publicUrl,
    now,
  })
  const passwords = createPasswords()
  const accounts = createAccounts({
    ...config,
    database: db,
    users,
    recoveryCodes,
    mailJobs,
    passwords,
    sessions,
    apiKeys,
    links,
    csrf,
    state,
    audit,
    mailQueued: mailWorker.wake,
    onUserDeleted: meetings.onUserDeleted,
    now,
  })
  const heldData = createHeldDataRepository(db)
  const exportOf = createExport({ users, recoveryCodes, heldData, wordsOf: transcripts.ofUser, audit, now })
  const auditTrail = createAuditTrail({
    ...{ auditEvents, rooms, participants, admins, audit, limiter, now },
    addressDigests: digestsOf,
  })
  const auditChain = createAuditChainWorker({ auditEvents, limiter, registry: metricsRegistry, log, now })
  const health = createHealth({ database, state, translation, voteBacklog: voting.voteBacklog })
  const upkeep = createUpkeep({
    sessions,
    apiKeys,
    links,
    invitationLinks,
    meetings,
    transcripts,
    polls,
    state,
    log,
    now,
  })
  const { databaseAnswers } = health
  createDependencyMetrics({ registry: metricsRegistry, state, database, databaseAnswers, mailJobs, passwords, now })
  const outboxFolder = join(config.dataDir, 'outbox')

  return {
    ...{ database, state, tokens, csrf, sessions, apiKeys, accounts, exportOf, meetings, polls, translation, health },
    ...{
      transcription,
      speech,
      allowance,
      meetingAllowance,
      voiceActivity,
      metrics,
      tracing,
      recordings,
      pipelineTexts,
    },
    ...voting,
    ...{ admins, audit, auditTrail, auditChain, origins },
    ...{ transcripts, transcriptWorker, mailTransport, mailWorker, upkeep, now, outboxFolder },
  }
}

/** Not loaded where nobody's speech would be recognised. */
function openVoiceActivity({ modelsDir }: Config, { transcribers }: Engines) {
  return transcribers.length > 0 ? createVoiceActivities({ modelsDir }) : null
}

/** Those of the settings, or those that were given. */
function openEngines(config: Config, log: Log, overrides: Partial<ServiceOverrides>): Engines {
  const { translator, engines: given = {} } = overrides
  // What is given in its place is not started.
  const wanted: Config = {
    ...config,
    ...(given.transcribers ? ({ sttEngine: 'none', sttFallback: 'none' } as const) : {}),
    ...(given.translators || translator !== undefined
      ? ({ translateEngine: 'none', translateFallback: 'none' } as const)
      : {}),
    ...(given.synthesizers ? ({ ttsEngine: 'none', ttsFallback: 'none' } as const) : {}),
  }
  const engines = createEngines(wanted, log, {
    transcriber: () => createEmbeddedTranscriber({ log, modelsDir: config.modelsDir }),
    translator: () => createApertium({ log }),
    synthesizer: () => createEspeak({ log }),
  })
  return { ...engines, ...(translator ? { translators: [translator] } : {}), ...given }
}

async function openState(config: Config, log: Log): Promise<State> {
  const failures = { max: config.lockoutFailures, windowMs: config.lockoutSeconds * 1000 }
  if (!config.redisUrl) return createMemoryState({ failures, eventsBase: Date.now() })
  const limiter = { onFailure: config.rateLimitOnRedisFailure, expectedProcesses: config.expectedProcesses }
  return createRedisState({ url: config.redisUrl, logger: log, limiter, failures })
}
