/** Shows the cards that have every word of the filter, and says how many; opens and closes them all. */
export function prepareTools(main) {
  const filter = document.getElementById('filter')
  const shown = document.getElementById('shown')
  const unfold = document.getElementById('unfold')
  const cards = [...main.querySelectorAll('.card')]

  function apply() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean)
    for (const card of cards) card.hidden = !words.every((word) => card.dataset.words.includes(word))
    for (const section of main.querySelectorAll('section'))
      section.hidden = words.length > 0 && !section.querySelector('.card:not([hidden])')
    const left = cards.filter((card) => !card.hidden).length
    shown.textContent = words.length === 0 ? '' : `${left} of ${cards.length}`
  }

  filter.addEventListener('input', apply)
  unfold.addEventListener('click', () => {
    const open = unfold.getAttribute('aria-pressed') !== 'true'
    unfold.setAttribute('aria-pressed', String(open))
    for (const card of cards) card.open = open
  })
  // A link into what the filter hides shows everything again.
  addEventListener('hashchange', () => {
    if (!document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest('[hidden]')) return
    filter.value = ''
    apply()
  })
  // What a browser kept in the field across a reload.
  apply()
}
