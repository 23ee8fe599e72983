// The image's health check: whether the server beside it can serve. The reason goes where the container's state is shown.
const { PORT = '3000' } = process.env

try {
  const { status } = await fetch(`http://127.0.0.1:${PORT}/readyz`, { signal: AbortSignal.timeout(4000) })
  if (status !== 200) throw new Error(`/readyz answers ${status}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
