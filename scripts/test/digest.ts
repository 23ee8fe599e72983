/**
 * Shortens TAP for a log: a line for each file as it ends, and every failure with what tap says of it.
 * @returns a function that takes one line and says whether to print it
 */
export function createDigest(): (line: string) => boolean {
  let inFailure = false
  let inDetails = false

  return (line) => {
    const text = line.trimStart()
    if (inDetails) {
      inDetails = text !== '...'
      return true
    }
    if (inFailure && text === '---') {
      inDetails = true
      inFailure = false
      return true
    }
    inFailure = text.startsWith('not ok ')
    return inFailure || /^ok \d+ - /.test(line) || text.startsWith('Bail out!')
  }
}
