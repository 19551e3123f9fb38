package main

import (
	"context"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/scheme"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/pager"
	"k8s.io/client-go/tools/record"
	watchtools "k8s.io/client-go/tools/watch"
)

// events collects what an informer tells, as "added name" and so on.
type events chan string

func (e events) handler() cache.ResourceEventHandler {
	tell := func(what string) func(any) {
		return func(object any) {
			if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = unknown.Obj
			}
			accessor, err := apimeta.Accessor(object)
			if err != nil {
				e <- err.Error()
				return
			}
			e <- what + " " + accessor.GetName()
		}
	}
	update := tell("updated")
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    tell("added"),
		UpdateFunc: func(_, object any) { update(object) },
		DeleteFunc: tell("deleted"),
	}
}

func (e events) expect(ctx context.Context, wanted ...string) error {
	for _, want := range wanted {
		select {
		case got := <-e:
			if got != want {
				return fmt.Errorf("%q came where %q was to come", got, want)
			}
		case <-ctx.Done():
			return fmt.Errorf("%q did not come", want)
		}
	}
	return nil
}

func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"suite": "go"}}}
}

// informWithStreamingList is what informers do by default since client-go 1.35: no LIST, one WATCH that begins with all there is.
func informWithStreamingList(w world) error {
	configMaps := w.typed.CoreV1().ConfigMaps(w.namespace)
	if _, err := configMaps.Create(w.ctx, configMap("before"), metav1.CreateOptions{}); err != nil {
		return err
	}
	ours := informers.WithTweakListOptions(func(options *metav1.ListOptions) { options.LabelSelector = "suite=go" })
	factory := informers.NewSharedInformerFactoryWithOptions(w.typed, 0, informers.WithNamespace(w.namespace), ours)
	informer := factory.Core().V1().ConfigMaps()
	seen := make(events, 100)
	if _, err := informer.Informer().AddEventHandler(seen.handler()); err != nil {
		return err
	}
	factory.Start(w.ctx.Done())
	if !cache.WaitForCacheSync(w.ctx.Done(), informer.Informer().HasSynced) {
		return fmt.Errorf("the cache did not fill")
	}
	created, err := configMaps.Create(w.ctx, configMap("after"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	created.Data = map[string]string{"a": "1"}
	if _, err := configMaps.Update(w.ctx, created, metav1.UpdateOptions{}); err != nil {
		return err
	}
	if err := configMaps.Delete(w.ctx, "after", metav1.DeleteOptions{}); err != nil {
		return err
	}
	if err := seen.expect(w.ctx, "added before", "added after", "updated after", "deleted after"); err != nil {
		return err
	}
	if _, err := informer.Lister().ConfigMaps(w.namespace).Get("before"); err != nil {
		return err
	}
	if len(w.requests.with("GET", "/configmaps?", "sendInitialEvents=true")) != 1 {
		return fmt.Errorf("there was no streaming list: %v", w.requests.with("/configmaps?"))
	}
	if fallbacks := w.requests.with("GET", "/configmaps?", "limit="); len(fallbacks) != 0 {
		return fmt.Errorf("the informer fell back to a list: %v", fallbacks)
	}
	return nil
}

func definition(group string) *apiextensionsv1.CustomResourceDefinition {
	object := func(properties map[string]apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps {
		return apiextensionsv1.JSONSchemaProps{Type: "object", Properties: properties}
	}
	root := object(map[string]apiextensionsv1.JSONSchemaProps{
		"spec":   object(map[string]apiextensionsv1.JSONSchemaProps{"size": {Type: "integer", Default: &apiextensionsv1.JSON{Raw: []byte("1")}}}),
		"status": object(map[string]apiextensionsv1.JSONSchemaProps{"ready": {Type: "boolean"}}),
	})
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "gadgets." + group},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: group,
			Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "gadgets", Singular: "gadget", Kind: "Gadget", ShortNames: []string{"gdg"}},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name:         "v1",
				Served:       true,
				Storage:      true,
				Schema:       &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &root},
				Subresources: &apiextensionsv1.CustomResourceSubresources{Status: &apiextensionsv1.CustomResourceSubresourceStatus{}},
			}},
		},
	}
}

func informOfCustomResources(w world) error {
	group := w.namespace + ".example.dev"
	definitions := w.definitions.ApiextensionsV1().CustomResourceDefinitions()
	if _, err := definitions.Create(w.ctx, definition(group), metav1.CreateOptions{}); err != nil {
		return err
	}
	name := "gadgets." + group
	err := wait.PollUntilContextCancel(w.ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		found, err := definitions.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		for _, condition := range found.Status.Conditions {
			if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("not established: %w", err)
	}
	groups, err := restmapper.GetAPIGroupResources(w.discovery)
	if err != nil {
		return err
	}
	mapper := restmapper.NewDiscoveryRESTMapper(groups)
	mapping, err := mapper.RESTMapping(schema.GroupKind{Group: group, Kind: "Gadget"})
	if err != nil {
		return err
	}
	if mapping.Resource.Resource != "gadgets" || mapping.Scope.Name() != apimeta.RESTScopeNameNamespace {
		return fmt.Errorf("the kind maps to %+v", mapping)
	}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(w.dynamic, 0, w.namespace, nil)
	informer := factory.ForResource(mapping.Resource)
	seen := make(events, 100)
	if _, err := informer.Informer().AddEventHandler(seen.handler()); err != nil {
		return err
	}
	factory.Start(w.ctx.Done())
	factory.WaitForCacheSync(w.ctx.Done())
	gadgets := w.dynamic.Resource(mapping.Resource).Namespace(w.namespace)
	gadget := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": group + "/v1",
		"kind":       "Gadget",
		"metadata":   map[string]any{"name": "g"},
		"spec":       map[string]any{},
	}}
	created, err := gadgets.Create(w.ctx, gadget, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if size, _, _ := unstructured.NestedInt64(created.Object, "spec", "size"); size != 1 {
		return fmt.Errorf("the default of spec.size is %d", size)
	}
	ready := []byte(`{"status":{"ready":true}}`)
	if _, err := gadgets.Patch(w.ctx, "g", types.MergePatchType, ready, metav1.PatchOptions{}, "status"); err != nil {
		return err
	}
	gadget.SetManagedFields(nil)
	gadget.Object["spec"] = map[string]any{"size": int64(2)}
	if _, err := gadgets.Apply(w.ctx, "g", gadget, metav1.ApplyOptions{FieldManager: "go", Force: true}); err != nil {
		return err
	}
	if err := gadgets.DeleteCollection(w.ctx, metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		return err
	}
	if err := seen.expect(w.ctx, "added g", "updated g", "updated g", "deleted g"); err != nil {
		return err
	}
	return definitions.Delete(w.ctx, name, metav1.DeleteOptions{})
}

func informOfMetadata(w world) error {
	configMaps := schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	factory := metadatainformer.NewFilteredSharedInformerFactory(w.metadata, 0, w.namespace, func(options *metav1.ListOptions) {
		options.LabelSelector = "suite=go"
	})
	informer := factory.ForResource(configMaps)
	seen := make(events, 100)
	if _, err := informer.Informer().AddEventHandler(seen.handler()); err != nil {
		return err
	}
	factory.Start(w.ctx.Done())
	factory.WaitForCacheSync(w.ctx.Done())
	if _, err := w.typed.CoreV1().ConfigMaps(w.namespace).Create(w.ctx, configMap("m"), metav1.CreateOptions{}); err != nil {
		return err
	}
	return seen.expect(w.ctx, "added m")
}

func listInPages(w world) error {
	configMaps := w.typed.CoreV1().ConfigMaps(w.namespace)
	for i := range 7 {
		if _, err := configMaps.Create(w.ctx, configMap(fmt.Sprintf("c%d", i)), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	pages := pager.New(pager.SimplePageFunc(func(options metav1.ListOptions) (object runtimeObject, err error) {
		return configMaps.List(w.ctx, options)
	}))
	pages.PageSize = 3
	count := 0
	err := pages.EachListItem(w.ctx, metav1.ListOptions{LabelSelector: "suite=go"}, func(runtimeObject) error {
		count++
		return nil
	})
	if err != nil {
		return err
	}
	if asked := len(w.requests.with("/configmaps?", "limit=3")); count != 7 || asked != 3 {
		return fmt.Errorf("%d objects in %d pages", count, asked)
	}
	return nil
}

func waitByWatching(w world) error {
	configMaps := w.typed.CoreV1().ConfigMaps(w.namespace)
	created, err := configMaps.Create(w.ctx, configMap("c"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	selector := fields.OneTermEqualSelector("metadata.name", "c").String()
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtimeObject, error) {
			options.FieldSelector = selector
			return configMaps.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.FieldSelector = selector
			return configMaps.Watch(ctx, options)
		},
	}
	errors := make(chan error, 1)
	go func() {
		_, err := watchtools.Until(w.ctx, created.ResourceVersion, source, func(event watch.Event) (bool, error) {
			object, ok := event.Object.(*corev1.ConfigMap)
			return ok && object.Data["done"] == "yes", nil
		})
		errors <- err
	}()
	created.Data = map[string]string{"done": "yes"}
	if _, err := configMaps.Update(w.ctx, created, metav1.UpdateOptions{}); err != nil {
		return err
	}
	return <-errors
}

func electLeaders(w world) error {
	lead := func(ctx context.Context, identity string, leading chan<- string) *leaderelection.LeaderElector {
		lock := &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Name: "leader", Namespace: w.namespace},
			Client:     w.typed.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: identity},
		}
		elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
			Lock:            lock,
			LeaseDuration:   2 * time.Second,
			RenewDeadline:   1500 * time.Millisecond,
			RetryPeriod:     300 * time.Millisecond,
			ReleaseOnCancel: true,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(context.Context) { leading <- identity },
				OnStoppedLeading: func() {},
			},
		})
		if err != nil {
			panic(err)
		}
		go elector.Run(ctx)
		return elector
	}
	leading := make(chan string, 2)
	first, leave := context.WithCancel(w.ctx)
	defer leave()
	lead(first, "first", leading)
	if got := <-leading; got != "first" {
		return fmt.Errorf("%s leads", got)
	}
	lead(w.ctx, "second", leading)
	var lease *coordinationv1.Lease
	lease, err := w.typed.CoordinationV1().Leases(w.namespace).Get(w.ctx, "leader", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity != "first" || lease.Spec.RenewTime == nil {
		return fmt.Errorf("the lease says %+v", lease.Spec)
	}
	leave()
	select {
	case got := <-leading:
		if got != "second" {
			return fmt.Errorf("%s leads", got)
		}
		return nil
	case <-w.ctx.Done():
		return fmt.Errorf("nobody took over")
	}
}

func recordEvents(w world) error {
	broadcaster := record.NewBroadcaster(record.WithContext(w.ctx))
	defer broadcaster.Shutdown()
	broadcaster.StartRecordingToSink(&typedcore.EventSinkImpl{Interface: w.typed.CoreV1().Events(w.namespace)})
	recorder := broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "clients-go"})
	object, err := w.typed.CoreV1().ConfigMaps(w.namespace).Create(w.ctx, configMap("c"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	// The second of two equal events is a patch of the first.
	for range 2 {
		recorder.Event(object, corev1.EventTypeNormal, "Tried", "it was tried")
	}
	selector := fields.Set{"involvedObject.name": "c", "reason": "Tried"}.AsSelector().String()
	return wait.PollUntilContextCancel(w.ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		found, err := w.typed.CoreV1().Events(w.namespace).List(ctx, metav1.ListOptions{FieldSelector: selector})
		if err != nil {
			return false, err
		}
		return len(found.Items) == 1 && found.Items[0].Count == 2, nil
	})
}

func discover(w world) error {
	_, lists, err := w.discovery.ServerGroupsAndResources()
	if err != nil {
		return err
	}
	found := map[string]bool{}
	for _, list := range lists {
		for _, resource := range list.APIResources {
			found[list.GroupVersion+"/"+resource.Name] = true
		}
	}
	for _, wanted := range []string{"v1/pods", "v1/pods/status", "apps/v1/deployments/scale", "batch/v1/cronjobs", "apiextensions.k8s.io/v1/customresourcedefinitions"} {
		if !found[wanted] {
			return fmt.Errorf("%s is not discovered", wanted)
		}
	}
	version, err := w.discovery.ServerVersion()
	if err != nil {
		return err
	}
	if version.Major != "1" || version.Minor == "" {
		return fmt.Errorf("the version is %+v", version)
	}
	paths, err := w.discovery.OpenAPIV3().Paths()
	if err != nil {
		return err
	}
	document, err := paths["apis/apps/v1"].Schema("application/json")
	if err != nil || len(document) == 0 {
		return fmt.Errorf("there is no OpenAPI document of apps/v1: %w", err)
	}
	return nil
}

// deleteInEveryWay looks at what the garbage collector makes of the three policies.
func deleteInEveryWay(w world) error {
	configMaps := w.typed.CoreV1().ConfigMaps(w.namespace)
	for _, policy := range []metav1.DeletionPropagation{
		metav1.DeletePropagationBackground, metav1.DeletePropagationForeground, metav1.DeletePropagationOrphan,
	} {
		owner, err := configMaps.Create(w.ctx, configMap("owner"), metav1.CreateOptions{})
		if err != nil {
			return err
		}
		yes := true
		owned := configMap("owned")
		owned.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "owner", UID: owner.UID, BlockOwnerDeletion: &yes}}
		if _, err := configMaps.Create(w.ctx, owned, metav1.CreateOptions{}); err != nil {
			return err
		}
		if err := configMaps.Delete(w.ctx, "owner", metav1.DeleteOptions{PropagationPolicy: &policy}); err != nil {
			return err
		}
		if err := gone(w, "owner"); err != nil {
			return fmt.Errorf("%s: %w", policy, err)
		}
		if policy != metav1.DeletePropagationOrphan {
			if err := gone(w, "owned"); err != nil {
				return fmt.Errorf("%s: %w", policy, err)
			}
			continue
		}
		left, err := configMaps.Get(w.ctx, "owned", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if len(left.OwnerReferences) != 0 {
			return fmt.Errorf("an orphan still has an owner: %+v", left.OwnerReferences)
		}
	}
	if err := w.typed.CoreV1().Namespaces().Delete(w.ctx, w.namespace, metav1.DeleteOptions{}); err != nil {
		return err
	}
	return wait.PollUntilContextCancel(w.ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		_, err := w.typed.CoreV1().Namespaces().Get(ctx, w.namespace, metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	})
}

func gone(w world, name string) error {
	return wait.PollUntilContextCancel(w.ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		_, err := w.typed.CoreV1().ConfigMaps(w.namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return false, err
		}
		return err != nil, nil
	})
}
