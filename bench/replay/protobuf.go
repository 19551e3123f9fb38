package main

import (
	"encoding/binary"
	"fmt"
)

// One field of a protobuf message; content is that of a length-delimited field.
type field struct {
	number  uint64
	content []byte
	whole   []byte
}

// fieldsOf cuts a message into its fields.
func fieldsOf(message []byte) ([]field, error) {
	var fields []field
	for len(message) > 0 {
		key, size := binary.Uvarint(message)
		if size <= 0 {
			return nil, fmt.Errorf("protobuf: a broken key")
		}
		end := size
		var content []byte
		switch key & 7 {
		case 0:
			_, width := binary.Uvarint(message[size:])
			end += width
		case 1:
			end += 8
		case 2:
			length, width := binary.Uvarint(message[size:])
			end += width + int(length)
			if width <= 0 || end > len(message) {
				return nil, fmt.Errorf("protobuf: a field longer than its message")
			}
			content = message[size+width : end]
		case 5:
			end += 4
		default:
			return nil, fmt.Errorf("protobuf: unknown wire type %d", key&7)
		}
		if end > len(message) {
			return nil, fmt.Errorf("protobuf: a field longer than its message")
		}
		fields = append(fields, field{number: key >> 3, content: content, whole: message[:end]})
		message = message[end:]
	}
	return fields, nil
}

func first(fields []field, number uint64) []byte {
	for _, f := range fields {
		if f.number == number {
			return f.content
		}
	}
	return nil
}

func appendBytes(to []byte, number uint64, content []byte) []byte {
	to = appendLength(to, number, len(content))
	return append(to, content...)
}

func appendLength(to []byte, number uint64, length int) []byte {
	to = binary.AppendUvarint(to, number<<3|2)
	return binary.AppendUvarint(to, uint64(length))
}

func appendVarint(to []byte, number, value uint64) []byte {
	to = binary.AppendUvarint(to, number<<3)
	return binary.AppendUvarint(to, value)
}

func uvarintSize(value int) int {
	return len(binary.AppendUvarint(nil, uint64(value)))
}
