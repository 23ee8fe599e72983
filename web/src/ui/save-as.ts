/** Gives a file to the browser to save. */
export function saveAs(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The download has begun by then; the address need not live on.
  setTimeout(() => URL.revokeObjectURL(address), 0)
}
