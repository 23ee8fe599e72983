/** The addresses in what somebody typed or pasted: apart by spaces, commas, semicolons or lines, perhaps in angle brackets behind a name. */
export function addressesIn(text: string): string[] {
  const entries = text.split(/[,;\n]+/).flatMap((entry) => {
    const bracketed = /<([^<>]*)>\s*$/.exec(entry)?.[1]
    return bracketed === undefined ? entry.split(/\s+/) : [bracketed.trim()]
  })
  return entries.filter((entry) => entry !== '')
}
