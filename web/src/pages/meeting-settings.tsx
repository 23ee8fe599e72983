import { Page } from '../ui/page.tsx'

export function MeetingSettings() {
  return <Page title="MeetingSettings">…</Page>
}
