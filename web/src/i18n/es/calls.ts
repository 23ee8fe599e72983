import type { calls as en } from '../en/calls.ts'

export const calls: Record<keyof typeof en, string> = {
  'call.label': 'Voces e imágenes',
  'call.you': '{name} (tú)',
  'call.camera': 'Cámara de {name}',
  'call.muted': 'micrófono apagado',
  'call.hand': 'mano levantada',
  'call.cameraOff': 'cámara apagada',
  'call.connecting': 'conectando…',
  'call.interrupted': 'interrumpida',
  'call.failed': 'sin conexión',
  'call.elsewhere': 'en tu otra ventana',
  'call.hear': 'Oír a {name}',
  'call.others': 'En la reunión, pero no en la llamada: {count}',
  'call.microphone.refused': 'El navegador no puede usar tu micrófono. Permítelo en los ajustes de esta página.',
  'call.microphone.none': 'No se ha encontrado ningún micrófono.',
  'call.microphone.busy': 'Otro programa está usando tu micrófono.',
  'call.camera.refused': 'El navegador no puede usar tu cámara. Permítelo en los ajustes de esta página.',
  'call.camera.none': 'No se ha encontrado ninguna cámara.',
  'call.camera.busy': 'Otro programa está usando tu cámara.',
}
