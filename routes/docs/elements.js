/** An element with attributes and children. Text is only ever set as text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children.flat(Infinity).filter((child) => child !== null))
  return made
}

/** Text in which `words between backticks` are code. */
export function prose(text) {
  return text.split(/`([^`]+)`/).map((part, i) => (i % 2 === 1 ? element('code', {}, part) : part))
}

/** Paragraphs and lists, as the descriptions have them. */
export function paragraphs(text = '') {
  return text
    .split('\n\n')
    .filter(Boolean)
    .map((block) =>
      block.startsWith('- ')
        ? element(
            'ul',
            {},
            block.split('\n').map((line) => element('li', {}, prose(line.slice(2)))),
          )
        : element('p', {}, prose(block)),
    )
}

/** A value as JSON, or as the text that it is. One can scroll in it, so one can get there by keyboard. */
export function sample(value, label) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  return element('pre', { tabindex: '0', role: 'group', 'aria-label': label }, element('code', {}, text))
}

/** A part of the page that opens, with an anchor of its own. `words`: what the filter finds it by. */
export function card(id, words, summary, ...children) {
  const link = element('a', { class: 'anchor', href: `#${id}` }, 'Link to this')
  const found = { id, class: 'card', 'data-words': words.filter(Boolean).join(' ').toLowerCase() }
  return element('details', found, element('summary', {}, summary), element('div', {}, children, link))
}

/** A table that scrolls in itself where it is too wide. */
export function table(label, columns, rows) {
  const head = columns.map((name) => element('th', { scope: 'col' }, name))
  const lines = rows.map((cells) =>
    element(
      'tr',
      {},
      cells.map((cell) => element('td', {}, cell)),
    ),
  )
  const made = element('table', {}, element('thead', {}, element('tr', {}, head)), element('tbody', {}, lines))
  return element('div', { class: 'wide', tabindex: '0', role: 'group', 'aria-label': label }, made)
}
