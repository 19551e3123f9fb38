package main

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	applyapps "k8s.io/client-go/applyconfigurations/apps/v1"
	applycore "k8s.io/client-go/applyconfigurations/core/v1"
	applymeta "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/util/retry"
)

func newNamespace(w world) (string, error) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "clients-go-"}}
	created, err := w.typed.CoreV1().Namespaces().Create(w.ctx, namespace, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	return created.Name, nil
}

func deployment(name string, replicas int32) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					Containers: []corev1.Container{{
						Name:  "web",
						Image: "example.dev/web:1",
						Env:   []corev1.EnvVar{{Name: "A", Value: "b"}},
						Ports: []corev1.ContainerPort{{ContainerPort: 80}},
						Resources: corev1.ResourceRequirements{
							Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("0.5")},
						},
						ReadinessProbe: &corev1.Probe{
							ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Port: intstr.FromString("http")}},
						},
					}},
					Volumes: []corev1.Volume{{
						Name:         "config",
						VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "c"}}},
					}},
				},
			},
		},
	}
}

// writeInProtobuf is what a typed client does by default: every body that it sends is protobuf.
func writeInProtobuf(w world) error {
	deployments := w.typed.AppsV1().Deployments(w.namespace)
	created, err := deployments.Create(w.ctx, deployment("web", 0), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	container := created.Spec.Template.Spec.Containers[0]
	if *created.Spec.Replicas != 0 || created.Generation != 1 || container.Ports[0].Protocol != corev1.ProtocolTCP {
		return fmt.Errorf("what came back is not what was sent, with defaults: %+v", created.Spec)
	}
	if cpu := container.Resources.Requests[corev1.ResourceCPU]; cpu.String() != "500m" {
		return fmt.Errorf("a request of half a CPU became %s", cpu.String())
	}
	if created.Spec.Template.Spec.Volumes[0].ConfigMap == nil || container.ReadinessProbe.HTTPGet.Port.StrVal != "http" {
		return fmt.Errorf("a union lost its member: %+v", created.Spec.Template.Spec)
	}
	replicas := int32(2)
	created.Spec.Replicas = &replicas
	// The controller of the real control plane writes too: no version, no conflict.
	created.ResourceVersion = ""
	updated, err := deployments.Update(w.ctx, created, metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	if updated.Generation != 2 {
		return fmt.Errorf("generation is %d after a change of the spec", updated.Generation)
	}
	updated.Status.Replicas = 2
	updated.Spec.Paused = true
	updated.ResourceVersion = ""
	withStatus, err := deployments.UpdateStatus(w.ctx, updated, metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	if withStatus.Status.Replicas != 2 || withStatus.Spec.Paused || withStatus.Generation != 2 {
		return fmt.Errorf("a status update is not about the status alone: %+v", withStatus)
	}
	if len(w.requests.with("POST", "deployments", "application/vnd.kubernetes.protobuf")) != 1 {
		return fmt.Errorf("the body was no protobuf: %v", w.requests.with("deployments"))
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "s"}, Data: map[string][]byte{"raw": {0, 1, 254, 255}}}
	kept, err := w.typed.CoreV1().Secrets(w.namespace).Create(w.ctx, secret, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if string(kept.Data["raw"]) != string([]byte{0, 1, 254, 255}) {
		return fmt.Errorf("bytes became %v", kept.Data["raw"])
	}
	return nil
}

func patchInEveryForm(w world) error {
	deployments := w.typed.AppsV1().Deployments(w.namespace)
	if _, err := deployments.Create(w.ctx, deployment("web", 1), metav1.CreateOptions{}); err != nil {
		return err
	}
	patches := []struct {
		form types.PatchType
		body string
	}{
		{types.StrategicMergePatchType, `{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"example.dev/side:1"}]}}}}`},
		{types.MergePatchType, `{"metadata":{"annotations":{"a":"1"}}}`},
		{types.JSONPatchType, `[{"op":"replace","path":"/spec/replicas","value":3}]`},
	}
	for _, patch := range patches {
		if _, err := deployments.Patch(w.ctx, "web", patch.form, []byte(patch.body), metav1.PatchOptions{}); err != nil {
			return fmt.Errorf("%s: %w", patch.form, err)
		}
	}
	patched, err := deployments.Get(w.ctx, "web", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if len(patched.Spec.Template.Spec.Containers) != 2 || patched.Annotations["a"] != "1" || *patched.Spec.Replicas != 3 {
		return fmt.Errorf("the patches left %+v", patched.Spec)
	}
	return nil
}

func applyOnTheServer(w world) error {
	configMaps := w.typed.CoreV1().ConfigMaps(w.namespace)
	wanted := func(value string) *applycore.ConfigMapApplyConfiguration {
		return applycore.ConfigMap("c", w.namespace).WithData(map[string]string{"a": value})
	}
	if _, err := configMaps.Apply(w.ctx, wanted("1"), metav1.ApplyOptions{FieldManager: "one"}); err != nil {
		return err
	}
	_, err := configMaps.Apply(w.ctx, wanted("2"), metav1.ApplyOptions{FieldManager: "two"})
	if !apierrors.IsConflict(err) {
		return fmt.Errorf("another manager's field was no conflict, but %v", err)
	}
	forced, err := configMaps.Apply(w.ctx, wanted("2"), metav1.ApplyOptions{FieldManager: "two", Force: true})
	if err != nil {
		return err
	}
	mine, err := applycore.ExtractConfigMap(forced, "two")
	if err != nil || mine.Data["a"] != "2" {
		return fmt.Errorf("the fields of a manager cannot be read back: %v, %v", mine, err)
	}
	labels := map[string]string{"app": "web"}
	config := applyapps.Deployment("web", w.namespace).WithSpec(applyapps.DeploymentSpec().
		WithSelector(applymeta.LabelSelector().WithMatchLabels(labels)).
		WithTemplate(applycore.PodTemplateSpec().WithLabels(labels).WithSpec(applycore.PodSpec().
			WithContainers(applycore.Container().WithName("web").WithImage("example.dev/web:1")))))
	applied, err := w.typed.AppsV1().Deployments(w.namespace).Apply(w.ctx, config, metav1.ApplyOptions{FieldManager: "one"})
	if err != nil {
		return err
	}
	if applied.Spec.Replicas == nil || *applied.Spec.Replicas != 1 {
		return fmt.Errorf("an applied deployment has no default: %+v", applied.Spec.Replicas)
	}
	return nil
}

func tellErrorsApart(w world) error {
	configMaps := w.typed.CoreV1().ConfigMaps(w.namespace)
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "c"}}
	created, err := configMaps.Create(w.ctx, object, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	stale := created.DeepCopy()
	created.Data = map[string]string{"a": "1"}
	if _, err := configMaps.Update(w.ctx, created, metav1.UpdateOptions{}); err != nil {
		return err
	}
	uid := types.UID("00000000-0000-0000-0000-000000000000")
	tries := []struct {
		name string
		is   func(error) bool
		try  func() error
	}{
		{"not found", apierrors.IsNotFound, func() error { _, err := configMaps.Get(w.ctx, "x", metav1.GetOptions{}); return err }},
		{"exists", apierrors.IsAlreadyExists, func() error { _, err := configMaps.Create(w.ctx, object, metav1.CreateOptions{}); return err }},
		{"conflict", apierrors.IsConflict, func() error { _, err := configMaps.Update(w.ctx, stale, metav1.UpdateOptions{}); return err }},
		{"invalid", apierrors.IsInvalid, func() error {
			_, err := configMaps.Create(w.ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "No"}}, metav1.CreateOptions{})
			return err
		}},
		{"precondition", apierrors.IsConflict, func() error {
			return configMaps.Delete(w.ctx, "c", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}})
		}},
		{"bad request", apierrors.IsBadRequest, func() error {
			_, err := configMaps.List(w.ctx, metav1.ListOptions{LabelSelector: "a===b"})
			return err
		}},
	}
	for _, one := range tries {
		if err := one.try(); !one.is(err) {
			return fmt.Errorf("%s: %v", one.name, err)
		}
	}
	return retry.RetryOnConflict(retry.DefaultRetry, func() error {
		_, err := configMaps.Update(w.ctx, stale, metav1.UpdateOptions{})
		if apierrors.IsConflict(err) {
			fresh, getErr := configMaps.Get(w.ctx, "c", metav1.GetOptions{})
			if getErr != nil {
				return getErr
			}
			stale = fresh
		}
		return err
	})
}

func subresources(w world) error {
	deployments := w.typed.AppsV1().Deployments(w.namespace)
	if _, err := deployments.Create(w.ctx, deployment("web", 1), metav1.CreateOptions{}); err != nil {
		return err
	}
	scale, err := deployments.GetScale(w.ctx, "web", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if scale.Spec.Replicas != 1 || scale.Status.Selector != "app=web" {
		return fmt.Errorf("the scale is %+v", scale)
	}
	scale.ResourceVersion = ""
	wanted := &autoscalingv1.Scale{ObjectMeta: scale.ObjectMeta, Spec: autoscalingv1.ScaleSpec{Replicas: 4}}
	if _, err := deployments.UpdateScale(w.ctx, "web", wanted, metav1.UpdateOptions{}); err != nil {
		return err
	}
	scaled, err := deployments.Get(w.ctx, "web", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if *scaled.Spec.Replicas != 4 || scaled.Generation != 2 {
		return fmt.Errorf("scaling to 4 gave %d, generation %d", *scaled.Spec.Replicas, scaled.Generation)
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot"}}
	if _, err := w.typed.CoreV1().ServiceAccounts(w.namespace).Create(w.ctx, account, metav1.CreateOptions{}); err != nil {
		return err
	}
	seconds := int64(600)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	token, err := w.typed.CoreV1().ServiceAccounts(w.namespace).CreateToken(w.ctx, "robot", request, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if token.Status.Token == "" {
		return fmt.Errorf("there is no token in %+v", token.Status)
	}
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: w.namespace, Verb: "create", Group: "apps", Resource: "deployments"},
	}}
	answer, err := w.typed.AuthorizationV1().SelfSubjectAccessReviews().Create(w.ctx, review, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if !answer.Status.Allowed {
		return fmt.Errorf("the administrator may not: %+v", answer.Status)
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: corev1.PodSpec{
		ServiceAccountName: "robot",
		Containers:         []corev1.Container{{Name: "c", Image: "example.dev/c:1"}},
	}}
	if _, err := w.typed.CoreV1().Pods(w.namespace).Create(w.ctx, pod, metav1.CreateOptions{}); err != nil {
		return err
	}
	eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: w.namespace}}
	return w.typed.PolicyV1().Evictions(w.namespace).Evict(w.ctx, eviction)
}
