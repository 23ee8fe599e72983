import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** The heading of one stage of a meeting: it takes the focus, since what had it is gone. */
export function StageHeading({ hidden = false, children }: { hidden?: boolean; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <h1 ref={heading} tabIndex={-1} class={hidden ? 'visually-hidden' : undefined}>
      {children}
    </h1>
  )
}
