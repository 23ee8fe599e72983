import type { ComponentChildren } from 'preact'

/** What happened, said to screen readers too: problems at once. Empty, it takes no room and still is there: what was not is not listened to. */
export function Notice({ kind = 'info', children }: { kind?: 'info' | 'good' | 'bad'; children?: ComponentChildren }) {
  return (
    <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  )
}
