import { Dialog } from './dialog.tsx'
import { Form, useForm } from './form.tsx'

export interface ConfirmDialogProps {
  title: string
  /** What will come of it, where the title does not say it. */
  text?: string
  action: string
  onConfirm(): Promise<void>
  onClose(): void
}

/** Asks before what cannot be undone. */
export function ConfirmDialog({ title, text, action, onConfirm, onClose }: ConfirmDialogProps) {
  const form = useForm()
  return (
    <Dialog title={title} onClose={onClose}>
      {text && <p>{text}</p>}
      <Form
        form={form}
        onSubmit={async () => {
          await onConfirm()
          onClose()
        }}
        action={action}
        danger
      />
    </Dialog>
  )
}
