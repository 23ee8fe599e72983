import { Page } from '../ui/page.tsx'

export function Meetings() {
  return <Page title="Meetings">…</Page>
}
