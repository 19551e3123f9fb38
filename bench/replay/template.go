package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A template is the recorded bytes of one object, with the few places that differ between the objects that are made from it. What
// is put there is as long as what it replaces, so that every length that protobuf writes down stays true.
type template struct {
	bytes []byte
	holes []hole
}

type hole struct {
	at    int
	width int
	what  byte
}

const (
	holeName byte = iota
	holeUID
	holeVersion
)

// The recorded versions are of different lengths; these are not.
const versionWidth = 9

// append writes the object with the given number at the given version.
func (t *template) append(to []byte, number, version int) []byte {
	start := len(to)
	to = append(to, t.bytes...)
	for _, h := range t.holes {
		value := number
		if h.what == holeVersion {
			value = version
		}
		digits := to[start+h.at : start+h.at+h.width]
		for index := len(digits) - 1; index >= 0; index-- {
			digits[index] = byte('0' + value%10)
			value /= 10
		}
	}
	return to
}

// cut makes a template of an object's bytes, whose version is already of the right width.
func cut(object []byte, name, uid, version string) (*template, error) {
	t := &template{bytes: bytes.Clone(object)}
	add := func(value string, width int, what byte, all bool) {
		for from := 0; ; {
			at := bytes.Index(object[from:], []byte(value))
			if at < 0 {
				return
			}
			end := from + at + len(value)
			t.holes = append(t.holes, hole{at: end - width, width: width, what: what})
			if !all {
				return
			}
			from = end
		}
	}
	add(name, 8, holeName, true)
	add(uid, 12, holeUID, true)
	add(version, versionWidth, holeVersion, false)
	if len(t.holes) < 3 {
		return nil, fmt.Errorf("%s: found %d of the 3 places that differ", name, len(t.holes))
	}
	for _, h := range t.holes {
		if h.what == holeName {
			t.bytes[h.at-1] = '-'
		}
	}
	return t, nil
}

// The version that stands in templates: no other number looks like it.
const versionMark = "987654321"

type identity struct {
	Metadata struct {
		Name            string `json:"name"`
		UID             string `json:"uid"`
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
}

// A form is one way in which a kind's objects are sent.
type form struct {
	protobuf bool
	// The templates of objects in lists, and in watches.
	items, events []*template
	// Of a list: what comes before the list's metadata (JSON), or the type (protobuf).
	head []byte
	// The object of the bookmark that ends a streaming list (JSON), or the type of a watched object (protobuf).
	bookmarkObject, typeMeta []byte
}

func loadForm(folder, collection, ending string) (*form, error) {
	read := func(what string) ([]byte, error) {
		return os.ReadFile(filepath.Join(folder, collection+"."+what+"."+ending))
	}
	list, err := read("list")
	if err != nil {
		return nil, err
	}
	watch, err := read("watch")
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(ending, "pb") {
		// Names and uids are those of the JSON list: both show the same objects in the same order.
		jsonList, err := os.ReadFile(filepath.Join(folder, collection+".list.json"))
		if err != nil {
			return nil, err
		}
		ids, err := identities(jsonList)
		if err != nil {
			return nil, err
		}
		return protobufForm(list, watch, ids)
	}
	return jsonForm(list, watch)
}

func identities(list []byte) ([]identity, error) {
	var parsed struct{ Items []identity }
	err := json.Unmarshal(list, &parsed)
	return parsed.Items, err
}

var recordedVersion = regexp.MustCompile(`"resourceVersion":"[0-9]+"`)

func jsonForm(list, watch []byte) (*form, error) {
	f := &form{}
	var parsed struct {
		Kind       string
		APIVersion string
		Items      []json.RawMessage
	}
	if err := json.Unmarshal(list, &parsed); err != nil {
		return nil, err
	}
	f.head = fmt.Appendf(nil, `{"kind":%q,"apiVersion":%q,"metadata":`, parsed.Kind, parsed.APIVersion)
	if !bytes.HasPrefix(list, f.head) {
		return nil, fmt.Errorf("the recorded list begins with %.100s", list)
	}
	for _, raw := range parsed.Items {
		t, err := cutJSON(raw)
		if err != nil {
			return nil, err
		}
		f.items = append(f.items, t)
	}
	for line := range bytes.Lines(watch) {
		var event struct {
			Type   string
			Object json.RawMessage
		}
		if err := json.Unmarshal(line, &event); err != nil {
			return nil, err
		}
		if event.Type == "BOOKMARK" {
			f.bookmarkObject = recordedVersion.ReplaceAll(event.Object, []byte(`"resourceVersion":"`+versionMark+`"`))
			continue
		}
		t, err := cutJSON(event.Object)
		if err != nil {
			return nil, err
		}
		f.events = append(f.events, t)
	}
	if f.bookmarkObject == nil {
		return nil, fmt.Errorf("the recorded watch has no bookmark")
	}
	return f, nil
}

func cutJSON(raw []byte) (*template, error) {
	var id identity
	if err := json.Unmarshal(raw, &id); err != nil {
		return nil, err
	}
	first := recordedVersion.FindIndex(raw)
	marked := bytes.Join([][]byte{raw[:first[0]], []byte(`"resourceVersion":"` + versionMark + `"`), raw[first[1]:]}, nil)
	return cut(marked, id.Metadata.Name, id.Metadata.UID, versionMark)
}

// Field numbers of Kubernetes' own protobuf definitions.
const (
	unknownTypeMeta      = 1
	unknownRaw           = 2
	listMetadata         = 1
	listItems            = 2
	objectMetadata       = 1
	metaResourceVersion  = 6
	watchEventType       = 1
	watchEventObject     = 2
	rawExtensionRaw      = 1
	listMetaVersion      = 2
	listMetaContinue     = 3
	listMetaRemaining    = 4
	protobufMagic        = "k8s\x00"
	initialEventsEndNote = "k8s.io/initial-events-end"
)

func protobufForm(list, watch []byte, ids []identity) (*form, error) {
	f := &form{protobuf: true}
	envelope, err := fieldsOf(bytes.TrimPrefix(list, []byte(protobufMagic)))
	if err != nil {
		return nil, err
	}
	f.head = first(envelope, unknownTypeMeta)
	content, err := fieldsOf(first(envelope, unknownRaw))
	if err != nil {
		return nil, err
	}
	for _, item := range content {
		if item.number != listItems {
			continue
		}
		t, err := cutProtobuf(item.content, ids[len(f.items)])
		if err != nil {
			return nil, err
		}
		f.items = append(f.items, t)
	}
	for len(watch) > 4 {
		size := binary.BigEndian.Uint32(watch)
		frame := watch[4 : 4+size]
		watch = watch[4+size:]
		event, err := fieldsOf(frame)
		if err != nil {
			return nil, err
		}
		extension, err := fieldsOf(first(event, watchEventObject))
		if err != nil {
			return nil, err
		}
		unknown, err := fieldsOf(bytes.TrimPrefix(first(extension, rawExtensionRaw), []byte(protobufMagic)))
		if err != nil {
			return nil, err
		}
		if string(first(event, watchEventType)) == "BOOKMARK" {
			f.typeMeta = first(unknown, unknownTypeMeta)
			continue
		}
		t, err := cutProtobuf(first(unknown, unknownRaw), ids[len(f.events)])
		if err != nil {
			return nil, err
		}
		f.events = append(f.events, t)
	}
	return f, nil
}

func cutProtobuf(object []byte, id identity) (*template, error) {
	fields, err := fieldsOf(object)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, field := range fields {
		if field.number == objectMetadata {
			metadata, err := fieldsOf(field.content)
			if err != nil {
				return nil, err
			}
			var changed []byte
			for _, inner := range metadata {
				if inner.number == metaResourceVersion {
					changed = appendBytes(changed, metaResourceVersion, []byte(versionMark))
				} else {
					changed = append(changed, inner.whole...)
				}
			}
			out = appendBytes(out, objectMetadata, changed)
		} else {
			out = append(out, field.whole...)
		}
	}
	return cut(out, id.Metadata.Name, id.Metadata.UID, versionMark)
}
