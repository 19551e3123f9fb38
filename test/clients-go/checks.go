package main

import "k8s.io/apimachinery/pkg/runtime"

type runtimeObject = runtime.Object

var checks = []check{
	{"discovery, the version and OpenAPI are read", discover},
	{"a typed client writes in protobuf", writeInProtobuf},
	{"a typed client patches in every form", patchInEveryForm},
	{"apply configurations are applied on the server", applyOnTheServer},
	{"errors are told apart", tellErrorsApart},
	{"scale, tokens, reviews and evictions work", subresources},
	{"lists come in pages", listInPages},
	{"an informer fills by a streaming list, and follows", informWithStreamingList},
	{"a REST mapper finds a custom kind, and a dynamic informer follows it", informOfCustomResources},
	{"an informer follows metadata alone", informOfMetadata},
	{"a watch goes on from a resourceVersion until a condition holds", waitByWatching},
	{"a leader is elected, and followed by another", electLeaders},
	{"events are recorded, and counted when they come again", recordEvents},
	{"owners and namespaces are deleted with what they hold, by every policy", deleteInEveryWay},
}
