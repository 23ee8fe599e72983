/** An element with text and children. Text is only ever set as text. */
function element(name, { text, className, children = [] } = {}) {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = text
  if (className) made.className = className
  made.append(...children)
  return made
}

function schemaOf(title, schema) {
  return [element('h4', { text: title }), element('pre', { text: JSON.stringify(schema, null, 2) })]
}

function callOf(path, method, operation) {
  const body = operation.requestBody?.content
  const answers = Object.entries(operation.responses ?? {}).map(([status, { description }]) =>
    element('li', { text: `${status} ${description}` }),
  )
  return element('details', {
    children: [
      element('summary', {
        children: [
          element('span', { className: 'method', text: method.toUpperCase() }),
          element('code', { text: path }),
          element('span', { text: ` ${operation.summary ?? ''}` }),
        ],
      }),
      ...(operation.parameters ? schemaOf('Parameters', operation.parameters) : []),
      ...Object.entries(body ?? {}).flatMap(([type, { schema }]) => schemaOf(`Body: ${type}`, schema)),
      element('h4', { text: 'Answers' }),
      element('ul', { children: answers }),
      ...Object.entries(operation.responses?.['200']?.content ?? operation.responses?.['201']?.content ?? {}).flatMap(
        ([type, { schema }]) => schemaOf(`Answer: ${type}`, schema),
      ),
    ],
  })
}

function sectionsOf({ paths }) {
  const byTag = new Map()
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? 'other'
      byTag.set(tag, [...(byTag.get(tag) ?? []), callOf(path, method, operation)])
    }
  return [...byTag].map(([tag, calls]) => element('section', { children: [element('h2', { text: tag }), ...calls] }))
}

const calls = document.getElementById('calls')
try {
  const answer = await fetch('/openapi.json')
  if (!answer.ok) throw new Error(`openapi.json answered ${answer.status}`)
  calls.replaceChildren(...sectionsOf(await answer.json()))
} catch (error) {
  calls.replaceChildren(element('p', { text: `The calls could not be loaded: ${error.message}` }))
}
