// Whatever any reader takes for the end of a line, and the other controls.
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu

/** The text on one line, as Unicode that can be encoded. */
export function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(CONTROLS, ' ').trim()
}

/** `hh:mm:ss` and what is left, in milliseconds; hours grow beyond two digits where they must. */
export function clock(seconds: number): { time: string; milliseconds: string } {
  const whole = Math.max(0, Math.round(seconds * 1000))
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return {
    time: `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${two((whole / 1000) % 60)}`,
    milliseconds: String(whole % 1000).padStart(3, '0'),
  }
}
