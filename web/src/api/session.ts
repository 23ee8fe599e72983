import { type Signal, signal } from '@preact/signals'
import { type Api, createClientSession } from './client.ts'
import type { LoginRequest, User } from './types.ts'

/** Who uses this page, in all its tabs. */
export interface Session extends Api {
  /** Undefined until it is known, null for nobody. */
  readonly user: Signal<User | null | undefined>
  signIn(credentials: LoginRequest): Promise<void>
  signOut(everywhere?: boolean): Promise<void>
  /** Forgets who was here, without a call: the account is gone, or every session ended. */
  forget(): void
  /** Asks the server whether the cookie still signs somebody in. */
  resume(): Promise<void>
}

export function createSession(): Session {
  const user = signal<User | null | undefined>(undefined)
  const onUser = (known: User | null) => {
    user.value = known
  }
  const session = createClientSession({ baseUrl: location.origin, onUser })
  /** The cookies are shared by all tabs: so is the news that somebody came or went. */
  const others = new BroadcastChannel('fluentmeet.session')
  const tell = () => others.postMessage('changed')

  async function resume(): Promise<void> {
    await session.resume()
  }

  others.onmessage = () => void resume()

  return {
    ...{ user, resume, baseUrl: session.baseUrl, call: session.call, request: session.request },
    forget() {
      session.forget()
      tell()
    },
    async signIn(credentials) {
      await session.signIn(credentials)
      tell()
    },
    async signOut(everywhere = false) {
      await session.signOut({ everywhere })
      tell()
    },
  }
}
