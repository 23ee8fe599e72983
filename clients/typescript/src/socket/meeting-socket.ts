import { FluentMeetError } from '../error.ts'
import { pauseBefore } from '../pause.ts'
import { atLeastMs, isRestart, OVER, PASSING, TOO_BIG } from './codes.ts'
import { createEventOrder, type EventOrder } from './event-order.ts'
import { createListeners, type Ending, type Listener, type SocketEvents, type SocketStatus } from './events.ts'
import type { ClientFrame, ErrorFrame, ServerFrame } from './frames.ts'
import { createLines, type Line, type Lines } from './lines.ts'
import { type Clock, type SocketConstructor, systemClock } from './ports.ts'
import { openWire, type Wire } from './wire.ts'

export interface MeetingSocketOptions {
  /** `wss://meet.example.org/api/v1/ws/meetings/<room code>`. */
  url: string
  /**
   * Gives a ticket for each connection. What it throws decides: a FluentMeetError that is not `isPassing` ends it, anything else is tried
   * again.
   */
  ticket: () => Promise<string>
  /** Joins once more as who it was: whoever was away for long has lost the place. */
  rejoin?: () => Promise<unknown>
  /** The platform's own unless it is given. */
  WebSocket?: SocketConstructor
  clock?: Clock
}

/** Ids of the pings behind a `resume`: frames are acted on in order, so the pong says that all that was missed is here. */
const RESUMED = 'resumed'
const RESUMED_ANEW = 'resumed-anew'
const SAY_AGAIN_MS = 2000

/** One person's way into a meeting, over as many connections as it takes: no event is missed, and each comes once. */
export class MeetingSocket {
  /** Resolves when there is nothing to come back to; never rejects. */
  readonly over: Promise<Ending>
  readonly #options: MeetingSocketOptions
  readonly #clock: Clock
  readonly #listeners = createListeners<SocketEvents>()
  readonly #order: EventOrder = createEventOrder((frame) => this.#deliver(frame))
  readonly #lines: Lines = createLines(
    (line) => this.#isInside && this.#status === 'online' && this.send({ type: 'say', ...line }),
    (waiting) => this.#listeners.emit('lines', waiting),
  )
  #end: (ending: Ending) => void = () => {}
  #status: SocketStatus = 'idle'
  #wire: Wire | null = null
  #isConnecting = false
  #isInside = false
  #failures = 0
  /** The pong that is waited for. */
  #awaited = RESUMED
  /** Whether the last connection ended because the server did. */
  #sawRestart = false
  #stopRetry = () => {}
  #stopSayAgain = () => {}

  constructor(options: MeetingSocketOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.over = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  get status(): SocketStatus {
    return this.#status
  }

  /** What was said and is not heard back yet. */
  get lines(): readonly Line[] {
    return this.#lines.waiting
  }

  /** Listens to one type of frame, or to what is in `SocketEvents` besides; gives what ends it. */
  on<T extends keyof SocketEvents>(type: T, listener: Listener<SocketEvents[T]>): () => void {
    return this.#listeners.on(type, listener)
  }

  /** Connects, and from then on again whenever that can help. While offline: at once, for instance when the network is back. */
  connect(): this {
    if (this.#status === 'idle') this.#set('connecting')
    void this.#connect()
    return this
  }

  /** False when there is no connection to send it on: it is not kept. */
  send(frame: ClientFrame): boolean {
    return this.#wire?.send(frame) ?? false
  }

  /** Says a line now or with the next connection, and until it is heard: at least once, and shown once. Null when too much waits. */
  say(text: string): Line | null {
    return this.#status === 'over' ? null : this.#lines.say(text)
  }

  /** Samples as `audio.start` announced them. Dropped when the way is full or lost. */
  sendAudio(samples: ArrayBuffer): boolean {
    return this.#status === 'online' && (this.#wire?.sendAudio(samples) ?? false)
  }

  /** Ends it; the meeting is not left by that. */
  close(): void {
    this.#finish({ reason: 'closed', code: null, error: null })
  }

  #set(status: SocketStatus): void {
    if (this.#status === status) return
    this.#status = status
    this.#listeners.emit('status', status)
  }

  #finish(ending: Ending): void {
    if (this.#status === 'over') return
    this.#stopRetry()
    this.#stopSayAgain()
    this.#wire?.drop(1000)
    this.#wire = null
    this.#set('over')
    this.#end(ending)
  }

  async #connect(): Promise<void> {
    if (this.#status === 'over' || this.#wire || this.#isConnecting) return
    this.#stopRetry()
    this.#isConnecting = true
    try {
      const ticket = await this.#ticket()
      if (this.#mayOpen()) this.#open(ticket)
    } catch (error) {
      const known = error instanceof FluentMeetError ? error : null
      if (known && !known.isPassing) this.#finish({ reason: 'refused', code: null, error: known })
      else this.#tryLater(null, (known?.retryAfter ?? 0) * 1000)
    } finally {
      this.#isConnecting = false
    }
  }

  /** It may have been closed while the ticket was on its way. */
  #mayOpen(): boolean {
    return this.#status !== 'over'
  }

  async #ticket(): Promise<string> {
    const { ticket, rejoin } = this.#options
    try {
      return await ticket()
    } catch (error) {
      const isOut = error instanceof FluentMeetError && (error.code === 'FORBIDDEN' || error.code === 'NOT_FOUND')
      // Who waits at the door and is sent away does not knock again by itself.
      if (!isOut || !this.#isInside || !rejoin) throw error
      await rejoin()
      return ticket()
    }
  }

  #open(ticket: string): void {
    const { url, WebSocket = globalThis.WebSocket as unknown as SocketConstructor } = this.#options
    this.#order.begin()
    this.#wire = openWire({
      ...{ url, ticket, WebSocket, clock: this.#clock },
      onOpen: () => {
        if (this.#order.lastSeq !== null) this.send({ type: 'resume', after_seq: this.#order.lastSeq })
        this.#await(RESUMED)
      },
      onFrame: (frame) => this.#receive(frame),
      onAudio: (sound) => this.#listeners.emit('audio', sound),
      onEnd: (code) => this.#onEnd(code),
    })
  }

  #onEnd(code: number | null): void {
    this.#wire = null
    if (this.#status === 'online') this.#sawRestart = isRestart(code)
    const reason = OVER[code ?? 0]
    if (reason) this.#finish({ reason, code, error: null })
    else this.#tryLater(code, atLeastMs(code))
    const [line] = this.#lines.waiting
    if (code === TOO_BIG && line) this.#refuse(line.id, null)
  }

  #tryLater(code: number | null, atLeast: number): void {
    if (this.#status === 'over') return
    const retryInMs = Math.max(atLeast, pauseBefore(this.#failures++, this.#clock.random))
    this.#stopRetry()
    this.#stopRetry = this.#clock.after(retryInMs, () => void this.#connect())
    this.#set('offline')
    this.#listeners.emit('offline', { retryInMs, code })
  }

  #await(id: string): void {
    this.#awaited = id
    this.send({ type: 'ping', id })
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'pong' && frame.id === this.#awaited) {
      this.#failures = 0
      this.#order.settle()
      this.#set('online')
      this.#lines.utter()
    } else if (frame.type !== 'error' || frame.ref !== 'resume') this.#order.receive(frame)
    else if (frame.code === 'CONFLICT') this.#onUnknownNumber()
    else {
      this.#wire?.drop()
      this.#onEnd(null)
    }
  }

  /** It is too long ago, or the server began to count anew: then it may still give everything since. */
  #onUnknownNumber(): void {
    const isFirst = this.#awaited === RESUMED
    if (isFirst) {
      this.#order.startOver()
      this.send({ type: 'resume', after_seq: 0 })
      this.#await(RESUMED_ANEW)
    } else this.#order.skipMissed()
    // Up to its end a server that restarts tells everything: nothing is missing then.
    if (isFirst !== this.#sawRestart) this.#listeners.emit('gap', undefined)
  }

  #deliver(frame: ServerFrame): void {
    if (frame.type === 'welcome') this.#isInside = frame.participant.status === 'joined'
    this.#listeners.emit(frame.type, frame as never)
    this.#listeners.emit('frame', frame)
    if (frame.type === 'welcome') this.#lines.utter()
    else if (frame.type === 'caption') this.#lines.remove(frame.id)
    else if (frame.type === 'error' && frame.ref !== undefined) this.#onRefusal(frame, frame.ref)
  }

  #onRefusal(error: ErrorFrame, ref: string): void {
    if (!PASSING.has(error.code)) this.#refuse(ref, error)
    else if (ref === this.#lines.waiting[0]?.id) {
      this.#stopSayAgain()
      this.#stopSayAgain = this.#clock.after(SAY_AGAIN_MS, () => this.#lines.utter())
    }
  }

  #refuse(id: string, error: ErrorFrame | null): void {
    const line = this.#lines.remove(id)
    if (line) this.#listeners.emit('refused', { line, error })
  }
}
