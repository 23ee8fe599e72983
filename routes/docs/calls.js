import { card, element, paragraphs, prose, sample, table } from './elements.js'
import { fieldsOf, typeOf } from './schemas.js'

const CALLERS = {
  bearer: 'a token as `Authorization: Bearer`',
  refresh_cookie: 'the refresh cookie and its CSRF token',
  api_key: 'an API key as `X-API-Key`',
  metrics_token: 'the `METRICS_TOKEN` as `Authorization: Bearer`',
}

/** Who may call, in words: each entry is one way. A scheme that is not known here says it itself. */
function callersOf(security = [], schemes = {}) {
  if (security.length === 0) return 'Anyone may call this.'
  const ways = security.map((way) => {
    const names = Object.keys(way)
    if (names.length === 0) return 'nothing'
    return names
      .map((name) => {
        const scopes = way[name].length > 0 ? ` with ${way[name].map((scope) => `\`${scope}\``).join(', ')}` : ''
        const header = schemes[name]?.name ? `\`${schemes[name].name}\`` : name
        return (CALLERS[name] ?? header) + scopes
      })
      .join(' and ')
  })
  return `Needs ${ways.join(', or ')}.`
}

/** The call as a command for a terminal. */
function commandOf(origin, path, method, { security = [], parameters = [], requestBody }) {
  const filled = path.replaceAll(
    /\{(\w+)\}/g,
    (whole, name) => parameters.find((one) => one.name === name)?.example ?? whole,
  )
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? []
  const [first = {}] = security
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`
  const parts = [
    `curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}${quoted(origin + filled)}`,
    ...('bearer' in first ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...('refresh_cookie' in first ? ['-b cookies.txt -c cookies.txt -H "X-CSRF-Token: $CSRF_TOKEN"'] : []),
    ...(type === 'multipart/form-data' ? ['-F file=@meeting.webm -F language=en'] : []),
    ...(type === 'application/json'
      ? [`-H 'Content-Type: application/json' -d ${quoted(JSON.stringify(media.example))}`]
      : []),
  ]
  return parts.join(' \\\n  ')
}

function errorsOf(responses, examples) {
  const rows = Object.entries(responses).flatMap(([status, { content = {} }]) =>
    Number(status) < 400
      ? []
      : Object.entries(content['application/json']?.examples ?? {}).map(([code, { $ref }]) => {
          const { summary, value } = examples[$ref.split('/').at(-1)] ?? {}
          const shown = element(
            'details',
            {},
            element('summary', {}, summary ?? code),
            sample(value, `Body of ${code}`),
          )
          return [status, element('code', {}, code), shown]
        }),
  )
  return rows.length > 0
    ? [element('h4', {}, 'Errors'), table('Errors', ['Status', 'Code', 'Message and body'], rows)]
    : []
}

function parametersOf(parameters = []) {
  if (parameters.length === 0) return []
  const rows = parameters.map(({ name, in: place, required, schema, description, example }) => [
    [element('code', {}, name), required ? '' : element('em', {}, ' optional')],
    [`${place}: `, ...typeOf(schema)],
    [
      ...(description ? prose(description) : []),
      example === undefined ? '' : element('div', { class: 'bounds' }, `e.g. ${example}`),
    ],
  ])
  return [element('h4', {}, 'Parameters'), table('Parameters', ['Name', 'Where and type', 'Meaning'], rows)]
}

function contentOf(title, content, components) {
  return Object.entries(content ?? {}).flatMap(([type, { schema = {}, example }]) => [
    element('h4', {}, `${title}, ${type}`),
    ...fieldsOf(`Fields of ${title}`, schema, components.schemas),
    example === undefined ? null : sample(example, `Example of ${title}, ${type}`),
  ])
}

function answersOf(responses, components) {
  return Object.entries(responses).flatMap(([status, { description, content }]) => {
    if (Number(status) >= 400) return []
    const described = element('p', {}, element('strong', {}, status), ' ', prose(description))
    return [described, ...contentOf(`Answer ${status}`, content, components)]
  })
}

function callCard(origin, path, method, operation, components) {
  const { operationId, summary = '', description, tags = [], responses } = operation
  const codes = Object.entries(responses).flatMap(([status, { content = {} }]) => [
    status,
    ...Object.keys(content['application/json']?.examples ?? {}),
  ])
  const title = element(
    'h3',
    {},
    element('span', { class: `method ${method}` }, method.toUpperCase()),
    ' ',
    element('code', {}, path),
    ' ',
    element('span', { class: 'says' }, prose(summary)),
  )
  return card(
    `call-${operationId}`,
    [method, path, operationId, summary, description, ...tags, ...codes],
    title,
    paragraphs(description),
    element('p', {}, prose(callersOf(operation.security, components.securitySchemes))),
    parametersOf(operation.parameters),
    contentOf('Body', operation.requestBody?.content, components),
    element('h4', {}, 'Answers'),
    answersOf(responses, components),
    errorsOf(responses, components.examples),
    element('h4', {}, 'In a terminal'),
    sample(commandOf(origin, path, method, operation), `Command of ${operationId}`),
  )
}

/** The calls by tag: `[name, description, cards]`. */
export function callSections({ paths, tags = [], servers = [], components }) {
  const origin = servers[0]?.url ?? location.origin
  const cards = new Map(tags.map(({ name, description }) => [name, { description, cards: [] }]))
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods)) {
      const [tag = 'other'] = operation.tags ?? []
      if (!cards.has(tag)) cards.set(tag, { description: '', cards: [] })
      cards.get(tag).cards.push(callCard(origin, path, method, operation, components))
    }
  return [...cards].map(([name, section]) => [name, section.description, section.cards])
}
