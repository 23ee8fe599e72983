interface SecurityContext {
  runAsNonRoot?: boolean
  runAsUser?: number
  privileged?: boolean
  allowPrivilegeEscalation?: boolean
  capabilities?: { drop?: string[]; add?: string[] }
  seccompProfile?: { type?: string }
  procMount?: string
}

interface Container {
  name: string
  securityContext?: SecurityContext
  ports?: { hostPort?: number }[]
}

export interface PodSpec {
  containers: Container[]
  initContainers?: Container[]
  securityContext?: SecurityContext & { sysctls?: unknown[] }
  hostNetwork?: boolean
  hostPID?: boolean
  hostIPC?: boolean
  volumes?: Record<string, unknown>[]
}

const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]
const SECCOMP = ['RuntimeDefault', 'Localhost']

/** What keeps a Pod out of a namespace with Kubernetes' Pod Security Standard `restricted`. */
export function restrictedProblems(pod: PodSpec): string[] {
  const problems: string[] = []
  const refuse = (isWrong: boolean | undefined, what: string) => isWrong && problems.push(what)
  refuse(pod.hostNetwork || pod.hostPID || pod.hostIPC, 'a namespace of the host')
  refuse((pod.securityContext?.sysctls ?? []).length > 0, 'sysctls')
  for (const volume of pod.volumes ?? [])
    for (const kind of Object.keys(volume))
      refuse(kind !== 'name' && !VOLUMES.includes(kind), `a volume of kind ${kind}`)
  for (const { name, securityContext: own = {}, ports = [] } of [...pod.containers, ...(pod.initContainers ?? [])]) {
    const both = { ...pod.securityContext, ...own }
    refuse(both.runAsNonRoot !== true, `${name}: runAsNonRoot`)
    refuse(both.runAsUser === 0, `${name}: runAsUser`)
    refuse(own.privileged, `${name}: privileged`)
    refuse(own.allowPrivilegeEscalation !== false, `${name}: allowPrivilegeEscalation`)
    refuse(!own.capabilities?.drop?.includes('ALL'), `${name}: capabilities are kept`)
    refuse(
      (own.capabilities?.add ?? []).some((added) => added !== 'NET_BIND_SERVICE'),
      `${name}: capabilities are added`,
    )
    refuse(!SECCOMP.includes(both.seccompProfile?.type ?? ''), `${name}: seccompProfile`)
    refuse((own.procMount ?? 'Default') !== 'Default', `${name}: procMount`)
    refuse(
      ports.some(({ hostPort }) => hostPort),
      `${name}: hostPort`,
    )
  }
  return problems
}
