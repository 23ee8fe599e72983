import { card, element, prose, table } from './elements.js'

const COMPONENT = '#/components/schemas/'

/** What is said of a value besides its type. */
function boundsOf({ minLength, maxLength, minimum, maximum, minItems, maxItems, format, pattern }) {
  const between = (least, most, of) => {
    if (least === undefined && most === undefined) return null
    if (most === undefined) return `${least} or more${of}`
    return least === undefined || least === 0 ? `up to ${most}${of}` : `${least} to ${most}${of}`
  }
  const size = minLength === maxLength && minLength !== undefined ? `${minLength} characters` : null
  return [
    format,
    size ?? between(minLength, maxLength, ' characters'),
    between(minimum, maximum, ''),
    between(minItems, maxItems, ' items'),
    pattern,
  ].filter(Boolean)
}

/** The type of a value in words, with links to the schemas that have a name. */
export function typeOf(schema = {}) {
  const { $ref, type, items, anyOf, enum: values } = schema
  if ($ref) {
    const name = $ref.replace(COMPONENT, '')
    return [element('a', { href: `#schema-${name}` }, name)]
  }
  if ('const' in schema) return [element('code', {}, JSON.stringify(schema.const))]
  if (values) return values.flatMap((value, i) => [...(i ? [' or '] : []), element('code', {}, JSON.stringify(value))])
  if (anyOf) return anyOf.flatMap((part, i) => [...(i ? [' or '] : []), ...typeOf(part)])
  if (type === 'array') return ['list of ', ...typeOf(items)]
  return [type ?? 'anything']
}

function meaningOf(schema) {
  const bounds = boundsOf(schema).join(', ')
  const preset = schema.default === undefined ? null : element('code', {}, JSON.stringify(schema.default))
  return [
    schema.description ? element('div', {}, prose(schema.description)) : null,
    bounds ? element('div', { class: 'bounds' }, bounds) : null,
    preset ? element('div', { class: 'bounds' }, 'default ', preset) : null,
  ].filter(Boolean)
}

/** A row for each field, and under it a row for each field of what is described in its place. */
function rowsOf({ properties = {}, required = [] }, path = '') {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const inner = schema.type === 'array' ? schema.items : schema
    const below = inner?.properties ? rowsOf(inner, `${path}${name}${schema.type === 'array' ? '[]' : ''}.`) : []
    const field = [
      element('code', {}, `${path}${name}`),
      required.includes(name) ? null : element('em', {}, ' optional'),
    ]
    return [[field.filter(Boolean), typeOf(schema), meaningOf(schema)], ...below]
  })
}

/** The fields of a body; of a schema with a name, its own. */
export function fieldsOf(label, schema, components) {
  const named = schema.$ref ? components[schema.$ref.replace(COMPONENT, '')] : schema
  const rows = rowsOf(named)
  const title = schema.$ref ? [element('p', {}, typeOf(schema), named.description ? `: ${named.description}` : '')] : []
  if (rows.length === 0) return schema.$ref ? title : [element('p', {}, typeOf(schema), ' ', meaningOf(schema))]
  return [...title, table(label, ['Field', 'Type', 'Meaning'], rows)]
}

/** Every schema that has a name. */
export function schemaCards(components) {
  return Object.entries(components).map(([name, schema]) => {
    const rows = rowsOf(schema)
    return card(
      `schema-${name}`,
      [name, schema.description],
      element('h3', {}, element('code', {}, name)),
      schema.description ? element('p', {}, prose(schema.description)) : null,
      rows.length > 0
        ? table(`Fields of ${name}`, ['Field', 'Type', 'Meaning'], rows)
        : element('p', {}, typeOf(schema)),
    )
  })
}
