import { buildWebIfStale } from './build-web.ts'
import { setup } from './setup.ts'

// `npm start`: the engines where they can be had and the browser client, then the server in this same process, so that signals reach it.
const TIMEOUT_MS = 150_000

const problem = await setup({ what: 'engines', timeoutMs: TIMEOUT_MS }).catch(String)
if (problem !== null)
  console.error(`${problem}\nThe server starts without these engines; what cannot be translated is shown untranslated.`)

await buildWebIfStale().catch((error: unknown) => {
  console.error(`The browser client could not be built, the server starts without a new one: ${String(error)}`)
})

await import('../server.ts')
