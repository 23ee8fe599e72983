import type { ComponentChildren } from 'preact'

/** What happened, said to screen readers too: problems at once. Empty, it still is there to be listened to. */
export function Notice({ kind = 'info', children }: { kind?: 'info' | 'good' | 'bad'; children?: ComponentChildren }) {
  const empty = children === undefined || children === null || children === '' || children === false
  return (
    <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'} hidden={empty}>
      {children}
    </div>
  )
}
