import { Component, type ComponentChildren } from 'preact'
import { Failed } from './pages/failed.tsx'

/** Shows in words that something broke, and tells the console what. */
export class FailureBoundary extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false }

  static override getDerivedStateFromError() {
    return { failed: true }
  }

  override componentDidCatch(error: unknown) {
    reportError(error)
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <main class="main">
        <Failed />
      </main>
    )
  }
}
