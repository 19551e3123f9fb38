// The packages that ship the CustomResourceDefinitions which the tests read: only their files, none of their code.
// `go mod tidy` would empty it. To move to another version: edit it here, remove go.sum, and run `go mod download`.
module kindred/test/ecosystem

go 1.26.0

require (
	github.com/argoproj/argo-rollouts v1.8.3
	github.com/cert-manager/cert-manager v1.19.1
	github.com/external-secrets/external-secrets v0.20.4
	github.com/kedacore/keda/v2 v2.18.0
	istio.io/api v1.31.4
	sigs.k8s.io/gateway-api v1.4.1
	sigs.k8s.io/karpenter v1.8.0
)
