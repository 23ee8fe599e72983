import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

export interface SectionProps {
  title: string
  /** What it shows at present. When that changes the focus comes here: what had it is gone. */
  stage?: string
  children: ComponentChildren
}

/** A part of the account page. */
export function Section({ title, stage, children }: SectionProps) {
  const id = useId()
  const element = useRef<HTMLElement>(null)
  const shown = useRef(stage)
  useEffect(() => {
    if (shown.current !== stage) element.current?.focus()
    shown.current = stage
  }, [stage])
  return (
    <section class="card" ref={element} tabIndex={-1} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}
