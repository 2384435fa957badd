{{- define "spanledger.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "spanledger.selector" -}}
app.kubernetes.io/name: spanledger
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "spanledger.labels" -}}
{{ include "spanledger.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "spanledger.configurationSecret" -}}
{{- .Values.configurationSecret | default (printf "%s-configuration" (include "spanledger.name" .)) -}}
{{- end -}}

{{/* The whole spanledger.yaml: what is given, and the names by which the SQL port of the embedded engine is asked. */}}
{{- define "spanledger.configuration" -}}
{{- $keys := dig "ingest" "keys" (list) .Values.configuration -}}
{{- if not $keys -}}
{{- fail "configuration.ingest.keys: at least one is needed, for pods listen on more than loopback; or configurationSecret" -}}
{{- end -}}
{{- $page := printf "%s-page.%s.svc" (include "spanledger.name" .) .Release.Namespace -}}
{{- $hosts := list $page (printf "%s.cluster.local" $page) -}}
{{- mergeOverwrite (dict "sql" (dict "hosts" $hosts)) .Values.configuration | toYaml -}}
{{- end -}}

{{/* A StatefulSet and its disruption budget. What every pod is, whatever it does. Arguments: root, name, component, replicas, parallel,
     arguments, values, sql. */}}
{{- define "spanledger.pods" -}}
{{- $root := .root -}}
# What is acknowledged is on the volume of a pod until it is stored, and of one name at most one pod runs at a time.
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "spanledger.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  serviceName: {{ include "spanledger.name" $root }}-pods
  replicas: {{ .replicas }}
  {{- if .parallel }}
  podManagementPolicy: Parallel
  {{- end }}
  selector:
    matchLabels:
      {{- include "spanledger.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
  template:
    metadata:
      labels:
        {{- include "spanledger.selector" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .component }}
      annotations:
        checksum/configuration: {{ if $root.Values.configurationSecret }}{{ $root.Values.configurationSecret | quote }}{{ else }}{{ include "spanledger.configuration" $root | sha256sum }}{{ end }}
    spec:
      serviceAccountName: {{ include "spanledger.name" $root }}
      automountServiceAccountToken: false
      enableServiceLinks: false # variables that begin with SPANLEDGER_ are options
      terminationGracePeriodSeconds: 15 # it stops within 10
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        fsGroup: 10001
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile: {type: RuntimeDefault}
      {{- if .parallel }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "spanledger.selector" $root | nindent 14 }}
              app.kubernetes.io/component: {{ .component }}
      {{- end }}
      containers:
        - name: spanledger
          image: "{{ $root.Values.image.repository }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}"
          {{- if ne $root.Values.image.pullPolicy "IfNotPresent" }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          {{- end }}
          args: {{ toJson (concat (list "serve" "--config" "/etc/spanledger/spanledger.yaml") .arguments) }}
          env:
            - {name: SPANLEDGER_DATA, value: /data/spanledger} # a folder of its own: that of the volume belongs to root
            - {name: SPANLEDGER_LOG, value: json}
            {{- if $root.Values.clickhouse.secret }}
            - {name: SPANLEDGER_CLICKHOUSE_FILE, value: /run/secrets/spanledger/clickhouse}
            {{- end }}
          ports:
            - {name: grpc, containerPort: 4317}
            - {name: http, containerPort: 4318}
            {{- if .sql }}
            - {name: sql, containerPort: 8123}
            {{- end }}
          startupProbe: # a migration of a large store takes its time
            httpGet: {path: /healthz, port: http}
            periodSeconds: 5
            failureThreshold: 120
          livenessProbe:
            httpGet: {path: /healthz, port: http}
            periodSeconds: 15
            timeoutSeconds: 5
            failureThreshold: 4
          readinessProbe: # may it be sent to: while the store is away the spool takes what comes
            httpGet: {path: "/readyz?exclude=store,attribution", port: http}
            periodSeconds: 5
            timeoutSeconds: 5
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
          volumeMounts:
            - {name: data, mountPath: /data}
            - {name: configuration, mountPath: /etc/spanledger, readOnly: true}
            - {name: temporary, mountPath: /tmp}
            {{- if $root.Values.clickhouse.secret }}
            - {name: clickhouse, mountPath: /run/secrets/spanledger, readOnly: true}
            {{- end }}
      volumes:
        - name: configuration
          secret: {secretName: {{ include "spanledger.configurationSecret" $root }}}
        - name: temporary
          emptyDir: {sizeLimit: 1Gi}
        {{- if $root.Values.clickhouse.secret }}
        - name: clickhouse
          secret: {secretName: {{ $root.Values.clickhouse.secret }}}
        {{- end }}
  persistentVolumeClaimRetentionPolicy: # what is acknowledged and not stored is on the volume
    whenDeleted: Retain
    whenScaled: Retain
  volumeClaimTemplates:
    - metadata:
        name: data
        labels:
          {{- include "spanledger.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ .component }}
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .values.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests: {storage: {{ .values.storage }}}
{{- if $root.Values.podDisruptionBudget.enabled }}
---
# One may always be evicted, else no node could be drained: agents send again what was not acknowledged.
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "spanledger.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "spanledger.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
{{- end }}
{{- end -}}
