{{- define "fluentmeet.fullname" -}}
{{- if contains "fluentmeet" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-fluentmeet" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- /* What Pods are found by: (list $ "server"). It never changes between versions. */ -}}
{{- define "fluentmeet.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: fluentmeet
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "fluentmeet.labels" -}}
{{- $root := index . 0 -}}
{{ include "fluentmeet.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end }}

{{- define "fluentmeet.image" -}}
{{- with .Values.image }}{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}{{ end }}
{{- end }}

{{- /* How many servers there may be: they divide the limits by it while Redis is away. */ -}}
{{- define "fluentmeet.processes" -}}
{{- if .Values.server.autoscaling.enabled }}{{ .Values.server.autoscaling.maxReplicas }}{{ else }}{{ .Values.server.replicas }}{{ end }}
{{- end }}

{{- /* Every setting that is no secret. */ -}}
{{- define "fluentmeet.settings" -}}
ENVIRONMENT: production
PUBLIC_URL: {{ printf "https://%s" .Values.publicHost }}
ALLOWED_ORIGINS: {{ printf "https://%s" .Values.publicHost }}
ALLOWED_HOSTS: {{ .Values.publicHost }}
TRUSTED_PROXIES: {{ join "," .Values.trustedProxies | quote }}
FORCE_HTTPS: "true"
EXPECTED_PROCESSES: {{ include "fluentmeet.processes" . | quote }}
VOTE_CONSUMER: "off"
{{- if .Values.metrics.port }}
METRICS_HOST: 0.0.0.0
METRICS_PORT: {{ .Values.metrics.port | quote }}
{{- end }}
{{- range $name, $value := .Values.settings }}
{{ $name }}: {{ $value | toString | quote }}
{{- end }}
{{- range concat (list "database-url" "redis-url" "secret-key" "smtp-url") .Values.secrets.optionalKeys }}
{{ . | upper | replace "-" "_" }}_FILE: /run/secrets/fluentmeet/{{ . }}
{{- end }}
{{- end }}

{{- /* What all Pods are: nobody in particular, who may nothing. */ -}}
{{- define "fluentmeet.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- /* Whoever is left behind by an engine's process is taken care of by the Pod, not by the server. */}}
shareProcessNamespace: true
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 256Mi
  - name: secrets
    secret:
      secretName: {{ required "secrets.existingSecret is required" .Values.secrets.existingSecret }}
      defaultMode: 0440
      items:
        {{- range concat (list "database-url" "redis-url" "secret-key" "smtp-url") .Values.secrets.optionalKeys }}
        - key: {{ . }}
          path: {{ . }}
        {{- end }}
{{- end }}

{{- /* What all containers are. */ -}}
{{- define "fluentmeet.container" -}}
image: {{ include "fluentmeet.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  privileged: false
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: tmp
    mountPath: /tmp
  - name: secrets
    mountPath: /run/secrets/fluentmeet
    readOnly: true
{{- end }}

{{- /* Spread over nodes and zones as far as there are any: (list $ "server"). */ -}}
{{- define "fluentmeet.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "fluentmeet.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}

{{- /* Restarts Pods when a setting or the Secret has changed. */ -}}
{{- define "fluentmeet.checksums" -}}
checksum/settings: {{ include "fluentmeet.settings" . | sha256sum }}
checksum/secrets: {{ .Values.secrets.revision | toString | sha256sum }}
{{- end }}
