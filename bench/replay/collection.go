package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
)

// The version of lists; those of the listed objects are below, those of events above.
const (
	listVersion   = 500_000_000
	objectVersion = 100_000_000
)

// page writes the objects from..to of total, and where to go on.
func (f *form) page(from, to, total int) []byte {
	token := ""
	if to < total {
		token = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"v":"meta.k8s.io/v1","rv":%d,"start":"%d"}`, listVersion, to))
	}
	if f.protobuf {
		return f.protobufPage(from, to, total, token)
	}
	out := append([]byte{}, f.head...)
	out = fmt.Appendf(out, `{"resourceVersion":"%d"`, listVersion)
	if token != "" {
		out = fmt.Appendf(out, `,"continue":%q,"remainingItemCount":%d`, token, total-to)
	}
	out = append(out, `},"items":[`...)
	for number := from; number < to; number++ {
		if number > from {
			out = append(out, ',')
		}
		out = f.items[number%len(f.items)].append(out, number, objectVersion+number)
	}
	return append(out, "]}\n"...)
}

func (f *form) protobufPage(from, to, total int, token string) []byte {
	var metadata []byte
	metadata = appendBytes(metadata, listMetaVersion, []byte(strconv.Itoa(listVersion)))
	metadata = appendBytes(metadata, listMetaContinue, []byte(token))
	if token != "" {
		metadata = appendVarint(metadata, listMetaRemaining, uint64(total-to))
	}
	raw := appendBytes(nil, listMetadata, metadata)
	for number := from; number < to; number++ {
		t := f.items[number%len(f.items)]
		raw = appendLength(raw, listItems, len(t.bytes))
		raw = t.append(raw, number, objectVersion+number)
	}
	return unknown(f.head, raw)
}

func unknown(typeMeta, raw []byte) []byte {
	out := []byte(protobufMagic)
	out = appendBytes(out, unknownTypeMeta, typeMeta)
	return appendBytes(out, unknownRaw, raw)
}

// event writes one event of a watch.
func (f *form) event(to []byte, kind string, number, version int) []byte {
	t := f.events[number%len(f.events)]
	if !f.protobuf {
		to = append(to, `{"type":"`...)
		to = append(to, kind...)
		to = append(to, `","object":`...)
		return append(t.append(to, number, version), "}\n"...)
	}
	inner := len(protobufMagic) + 1 + uvarintSize(len(f.typeMeta)) + len(f.typeMeta) + 1 + uvarintSize(len(t.bytes)) + len(t.bytes)
	to = f.frame(to, kind, inner)
	to = append(to, protobufMagic...)
	to = appendBytes(to, unknownTypeMeta, f.typeMeta)
	to = appendLength(to, unknownRaw, len(t.bytes))
	return t.append(to, number, version)
}

// frame writes all of an event that comes before its object, which is inner bytes long.
func (f *form) frame(to []byte, kind string, inner int) []byte {
	extension := 1 + uvarintSize(inner) + inner
	size := 1 + uvarintSize(len(kind)) + len(kind) + 1 + uvarintSize(extension) + extension
	to = binary.BigEndian.AppendUint32(to, uint32(size))
	to = appendBytes(to, watchEventType, []byte(kind))
	to = appendLength(to, watchEventObject, extension)
	return appendLength(to, rawExtensionRaw, inner)
}

// bookmark writes the event that ends a streaming list.
func (f *form) bookmark(to []byte) []byte {
	version := strconv.Itoa(listVersion)
	if !f.protobuf {
		object := replaceOnce(f.bookmarkObject, versionMark, version)
		to = append(to, `{"type":"BOOKMARK","object":`...)
		return append(append(to, object...), "}\n"...)
	}
	note := appendBytes(appendBytes(nil, 1, []byte(initialEventsEndNote)), 2, []byte("true"))
	metadata := appendBytes(appendBytes(nil, metaResourceVersion, []byte(version)), 12, note)
	object := unknown(f.typeMeta, appendBytes(nil, objectMetadata, metadata))
	to = f.frame(to, "BOOKMARK", len(object))
	return append(to, object...)
}
