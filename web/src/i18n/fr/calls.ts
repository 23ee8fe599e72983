import type { calls as en } from '../en/calls.ts'

export const calls: Record<keyof typeof en, string> = {
  'call.label': 'Voix et images',
  'call.you': '{name} (vous)',
  'call.camera': 'Caméra de {name}',
  'call.muted': 'micro coupé',
  'call.hand': 'main levée',
  'call.cameraOff': 'caméra éteinte',
  'call.connecting': 'connexion…',
  'call.interrupted': 'interrompue',
  'call.failed': 'pas de connexion',
  'call.elsewhere': 'dans votre autre fenêtre',
  'call.hear': 'Entendre {name}',
  'call.others': 'Dans la réunion, mais pas dans l’appel : {count}',
  'call.microphone.refused':
    'Le navigateur ne peut pas utiliser votre micro. Autorisez-le dans les réglages de cette page.',
  'call.microphone.none': 'Aucun micro n’a été trouvé.',
  'call.microphone.busy': 'Un autre programme utilise votre micro.',
  'call.camera.refused':
    'Le navigateur ne peut pas utiliser votre caméra. Autorisez-le dans les réglages de cette page.',
  'call.camera.none': 'Aucune caméra n’a été trouvée.',
  'call.camera.busy': 'Un autre programme utilise votre caméra.',
}
