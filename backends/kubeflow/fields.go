package kubeflow

// The fields that options may name, sorted: those of Argo v4.1 without what carries the meaning of the spec.
// https://argo-workflows.readthedocs.io/en/latest/fields/

// specFields are the fields of a workflow's spec.
var specFields = []string{
	"activeDeadlineSeconds", "affinity", "archiveLogs", "artifactGC", "artifactRepositoryRef",
	"automountServiceAccountToken", "dnsConfig", "dnsPolicy", "executor", "executorPlugins", "hooks", "hostAliases",
	"hostNetwork", "imagePullSecrets", "metrics", "nodeSelector", "parallelism", "podDisruptionBudget", "podGC",
	"podMetadata", "podPriorityClassName", "podResources", "podSpecPatch", "priority", "resourceClaims", "retryStrategy",
	"schedulerName", "securityContext", "serviceAccountName", "synchronization", "templateDefaults", "tolerations",
	"ttlStrategy", "volumeClaimGC", "volumeClaimTemplates", "volumes", "workflowMetadata",
}

// ownSpecFields are those that zenc alone sets.
var ownSpecFields = []string{
	"arguments", "entrypoint", "onExit", "shutdown", "suspend", "templates", "workflowTemplateRef",
}

// templateFields are the fields of a template.
var templateFields = []string{
	"activeDeadlineSeconds", "affinity", "annotations", "archiveLocation", "automountServiceAccountToken", "daemon",
	"executor", "failFast", "hostAliases", "initContainers", "memoize", "metadata", "metrics", "nodeSelector",
	"parallelism", "pendingTimeout", "podResources", "podSpecPatch", "priorityClassName", "resourceClaims",
	"retryStrategy", "schedulerName", "script", "securityContext", "serviceAccountName", "sidecars", "synchronization",
	"timeout", "tolerations", "volumes",
}

// ownTemplateFields are those that zenc alone sets.
var ownTemplateFields = []string{
	"container", "containerSet", "dag", "data", "http", "inputs", "name", "outputs", "plugin", "resource", "steps",
	"suspend",
}

// scriptFields are the fields of the script of a template.
var scriptFields = []string{
	"env", "envFrom", "imagePullPolicy", "lifecycle", "livenessProbe", "name", "ports", "readinessProbe", "resizePolicy",
	"resources", "restartPolicy", "restartPolicyRules", "securityContext", "startupProbe", "stdin", "stdinOnce",
	"terminationMessagePath", "terminationMessagePolicy", "tty", "volumeDevices", "volumeMounts", "workingDir",
}

// ownScriptFields are those that zenc alone sets.
var ownScriptFields = []string{
	"args", "command", "image", "source",
}
