import { useApp } from '../app-context.ts'
import { SelectField } from './field.tsx'

/** What people speak most, and what engines know. Other tags a server sends are added. */
const TAGS =
  'ar bg bn ca cs da de el en es et fa fi fr gl he hi hr hu id it ja ko lt lv ms nb nl pl pt ro ru sk sl sr sv sw ta th tr uk ur vi zh'.split(
    ' ',
  )

export interface LanguageSelectProps {
  label: string
  /** BCP 47. */
  value: string
  onValue(tag: string): void
  hint?: string
  disabled?: boolean
}

/** Languages by their names in the language of the interface. */
export function LanguageSelect({ label, value, onValue, ...rest }: LanguageSelectProps) {
  const { i18n } = useApp()
  const collator = new Intl.Collator(i18n.locale.value)
  const tags = TAGS.includes(value) ? TAGS : [...TAGS, value]
  const named = tags.map((tag) => ({ tag, name: i18n.languageName(tag) }))
  return (
    <SelectField {...rest} label={label} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
      {named
        .sort((a, b) => collator.compare(a.name, b.name))
        .map(({ tag, name }) => (
          <option key={tag} value={tag}>
            {name}
          </option>
        ))}
    </SelectField>
  )
}
