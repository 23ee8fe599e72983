import { card, element, paragraphs, prose, sample } from './elements.js'
import { fieldsOf } from './schemas.js'

function messageCard(key, { name, title, summary, contentType, payload, examples = [] }, components) {
  const isText = contentType === 'application/json'
  const head = element(
    'h3',
    {},
    element('code', {}, isText ? name : '(binary)'),
    ' ',
    element('span', { class: 'says' }, prose(summary)),
  )
  const body = isText
    ? [
        fieldsOf(`Fields of ${name}`, payload, components.schemas),
        examples.map((one) => sample(one.payload, `Example of ${name}`)),
      ]
    : [element('p', {}, `A binary frame of ${payload.minLength} to ${payload.maxLength} bytes.`)]
  return card(`message-${key}`, [key, name, title, summary], head, body)
}

/** The meeting socket: what it is, and its messages by who sends them, as `[name, description, cards]`. */
export function socketSections({ channels, operations, components }) {
  const { address, description } = channels.meeting
  const cardsOf = ({ messages }) =>
    messages.map(({ $ref }) => {
      const key = $ref.split('/').at(-1)
      return messageCard(key, components.messages[key], components)
    })
  const { receiveFromClient, sendToClient } = operations
  const about = [element('p', {}, element('code', {}, `GET ${address}`)), ...paragraphs(description)]
  return [
    ['the meeting socket', about, []],
    ['messages of clients', receiveFromClient.summary, cardsOf(receiveFromClient)],
    ['messages of the server', sendToClient.summary, cardsOf(sendToClient)],
  ]
}
