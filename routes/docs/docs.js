import { callSections } from './calls.js'
import { element, paragraphs } from './elements.js'
import { prepareTools } from './filter.js'
import { schemaCards } from './schemas.js'
import { socketSections } from './socket.js'

async function read(path) {
  const answer = await fetch(path)
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return answer.json()
}

function section([name, description, cards]) {
  const id = `section-${name.replaceAll(' ', '-')}`
  const about = typeof description === 'string' ? paragraphs(description) : description
  return element(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    element('h2', { id: `${id}-title` }, name),
    about,
    cards,
  )
}

/** Opens what the address names, wherever it is. */
function showNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (!named) return
  if (named instanceof HTMLDetailsElement) named.open = true
  named.scrollIntoView()
}

const calls = document.getElementById('calls')
try {
  const [openapi, asyncapi] = await Promise.all(['/openapi.json', '/asyncapi.json'].map(read))
  document.getElementById('introduction').replaceChildren(...paragraphs(openapi.info.description))
  // The socket's schemas are the same where both have one.
  const schemas = { ...asyncapi.components.schemas, ...openapi.components.schemas }
  const named = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a.localeCompare(b)))
  const all = [
    ...callSections(openapi),
    ...socketSections(asyncapi),
    ['schemas', 'What has a name in the bodies and messages.', schemaCards(named)],
  ]
  calls.replaceChildren(...all.map(section))
  const links = all.map(([name]) => element('a', { href: `#section-${name.replaceAll(' ', '-')}` }, name))
  document.getElementById('contents').replaceChildren(...links)
  prepareTools(calls)
  showNamed()
  addEventListener('hashchange', showNamed)
} catch (error) {
  calls.replaceChildren(element('p', { role: 'alert' }, `The calls could not be loaded: ${error.message}`))
}
