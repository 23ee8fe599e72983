import t from 'tap'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../../services/passwords/policy.ts'
import { deviceNameOf } from '../../web/src/pages/account/device-name.ts'
import { destinationOf } from '../../web/src/pages/destination.ts'
import * as rule from '../../web/src/pages/password-rule.ts'

t.test('signing in leads to paths of this site only', async (t) => {
  const origin = 'https://meet.example.org'
  const cases: [string | undefined, string][] = [
    ['/account', '/account'],
    ['/join/abc?x=1#y', '/join/abc?x=1#y'],
    [undefined, '/meetings'],
    ['', '/meetings'],
    ['account', '/meetings'],
    ['https://example.org/', '/meetings'],
    [`${origin}/account`, '/meetings'],
    ['//example.org', '/meetings'],
    ['/\\example.org', '/meetings'],
    ['/\t/example.org', '/meetings'],
    ['/.//example.org', '/meetings'],
    ['javascript:alert(1)', '/meetings'],
  ]
  for (const [to, expected] of cases) t.equal(destinationOf(to, origin), expected, String(to))
})

t.test('devices have the names that people know', async (t) => {
  const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
  const cases: [string, string | null][] = [
    [`Mozilla/5.0 (X11; Linux x86_64) ${chrome}`, 'Chrome Linux'],
    [`Mozilla/5.0 (Linux; Android 15) ${chrome}`, 'Chrome Android'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Edg/140.0.0.0`, 'Edge Windows'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15',
      'Safari macOS',
    ],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 FxiOS/130.0', 'Firefox iOS'],
    ['curl/8.0', null],
    ['', null],
  ]
  for (const [userAgent, expected] of cases) {
    const name = deviceNameOf(userAgent)
    t.equal(name && `${name.browser} ${name.system}`, expected, userAgent)
  }
})

t.test('the pages ask for the length of password that the server asks for', async (t) => {
  t.strictSame({ ...rule }, { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH })
})
