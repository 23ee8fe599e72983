import { useId } from 'preact/hooks'

/** 0 to 1. */
export function Volume({ label, value, onValue }: { label: string; value: number; onValue(value: number): void }) {
  const id = useId()
  return (
    <span class="volume">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="range"
        min="0"
        max="1"
        step="0.05"
        value={value}
        onInput={(event) => onValue(event.currentTarget.valueAsNumber)}
      />
    </span>
  )
}
