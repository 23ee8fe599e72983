import t from 'tap'
import { bars } from '../../bench/page/bars.ts'
import { lines } from '../../bench/page/lines.ts'
import { linear, logarithmic, written } from '../../bench/page/scale.ts'
import { ratios } from '../../bench/page/section.ts'

const attributes = (svg: string, tag: string, name: string) =>
  [...svg.matchAll(new RegExp(`<${tag} [^>]*?\\b${name}="([^"]+)"`, 'g'))].map(([, value]) => Number(value))

t.test('an axis begins at nothing and ends at a round number that holds everything', async (t) => {
  for (const most of [0.003, 0.3, 1, 7, 10, 99.5, 241, 101_000]) {
    const { ticks, at } = linear(most)
    t.equal(ticks[0], 0)
    t.ok((ticks.at(-1) ?? 0) >= most && (ticks.at(-1) ?? 0) <= 2 * most, `${most}: ${ticks}`)
    t.equal(at(ticks.at(-1) ?? 0), 1)
  }
  t.strictSame(linear(1).ticks, [0, 0.2, 0.4, 0.6, 0.8, 1])
  const { at, ticks } = logarithmic([1000, 10, 10, 100])
  t.strictSame(ticks, [10, 100, 1000])
  t.ok(Math.abs(at(100) - 0.5) < 1e-9)
  t.strictSame([12_714.4, 75.92, 0.584].map(written), ['12,714', '75.9', '0.58'])
})

t.test('bars are as long as their values, and names are no markup', async (t) => {
  const svg = bars({
    title: 'A & B <c>',
    axis: 'ms',
    bars: [
      { label: 'one', value: 100, ours: true },
      { label: 'two', value: { median: 50, lowest: 40, highest: 80 } },
    ],
  })
  const [, first = 0, second = 0] = attributes(svg, 'rect', 'width')
  t.equal(first, 2 * second)
  t.match(svg, 'A &amp; B &lt;c&gt;')
  t.equal(svg.match(/class="spread"/g)?.length, 1)
})

t.test('a line rises where its values do', async (t) => {
  const points = [
    [10, 1],
    [100, 2],
    [1000, 2],
  ] as const
  const svg = lines({ title: 'L', x: 'x', y: 'y', logarithmic: true, lines: [{ label: 'ours', points }] })
  const [xs, ys] = [attributes(svg, 'circle', 'cx'), attributes(svg, 'circle', 'cy')]
  t.ok((ys[0] ?? 0) > (ys[1] ?? 0) && ys[1] === ys[2], 'up is less')
  t.equal((xs[1] ?? 0) - (xs[0] ?? 0), (xs[2] ?? 0) - (xs[1] ?? 0), 'tenfold steps are as wide as each other')
})

t.test('a ratio says whether it met what was aimed at', async (t) => {
  const at = (median: number) => ({ median, lowest: median, highest: median })
  const rows = ratios([
    { what: 'a', ratio: at(1.5), most: 1.8 },
    { what: 'b', ratio: at(2), most: 1.8 },
    { what: 'c', ratio: at(2), least: 3 },
    { what: 'd', ratio: undefined, most: 1 },
  ]).slice(2)
  t.strictSame(
    rows.map((row) => row.split(' | ').at(-1)),
    ['met |', 'not met |', 'not met |'],
  )
})
