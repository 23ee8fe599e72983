import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Notice } from './notice.tsx'

/** What came of a form that is gone now: it takes the focus, which had been in the form. */
export function Outcome({ text, children }: { text: string; children?: ComponentChildren }) {
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => element.current?.focus(), [])
  return (
    <div class="outcome" ref={element} tabIndex={-1}>
      <Notice kind="good">{text}</Notice>
      {children}
    </div>
  )
}
