export const WIDTH = 760
export const FONT = 13

const STYLE = `
  text { font: ${FONT}px system-ui, sans-serif; fill: #1f2328; stroke: #ffffff; stroke-width: 3px; paint-order: stroke; }
  .title { font-size: 15px; font-weight: 600; }
  .quiet { fill: #59636e; }
  .ground { fill: #ffffff; }
  .grid { stroke: #d1d9e0; }
  .spread { stroke: #1f2328; stroke-width: 1.5; }
  .target { stroke: #a40e26; stroke-width: 1.5; stroke-dasharray: 5 3; }
  text.goal { fill: #a40e26; }
  .c0 { fill: #0b62c4; } .c1 { fill: #8a94a0; } .c2 { fill: #b35900; }
  .l0 { stroke: #0b62c4; } .l1 { stroke: #8a94a0; } .l2 { stroke: #b35900; }
  .line { fill: none; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9ee; stroke: #161a20; }
    .quiet { fill: #a3adb8; }
    .ground { fill: #161a20; }
    .grid { stroke: #353c45; }
    .spread { stroke: #e6e9ee; }
    .target { stroke: #ff9492; }
    text.goal { fill: #ff9492; }
    .c0 { fill: #4f94ef; } .c1 { fill: #78828e; } .c2 { fill: #e0873a; }
    .l0 { stroke: #4f94ef; } .l1 { stroke: #78828e; } .l2 { stroke: #e0873a; }
  }`

/** A whole picture, on a ground of its own, so that it can be read wherever it stands. */
export function picture(title: string, height: number, parts: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`
  const ground = `<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>`
  const lines = [head, `<title>${escaped(title)}</title>`, `<style>${STYLE}\n</style>`, ground]
  return `${[...lines, label(20, 28, title, { kind: 'title' }), ...parts, '</svg>'].join('\n')}\n`
}

export interface LabelOptions {
  kind?: 'title' | 'quiet' | 'goal'
  anchor?: 'start' | 'middle' | 'end'
}

export function label(x: number, y: number, text: string, { kind, anchor = 'start' }: LabelOptions = {}): string {
  const style = kind ? ` class="${kind}"` : ''
  return `<text x="${short(x)}" y="${short(y)}" text-anchor="${anchor}"${style}>${escaped(text)}</text>`
}

export function stroke(from: readonly [number, number], to: readonly [number, number], kind: string): string {
  const [x1, y1, x2, y2] = [...from, ...to].map(short)
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${kind}"/>`
}

export function short(value: number): number {
  return Math.round(value * 10) / 10
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
