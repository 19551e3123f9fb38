/** As much of protobuf as it takes to write a Kubernetes request body by hand. */

/** A message: fields by number; a text or bytes, a whole number, or a message inside. */
export type Message = readonly (readonly [field: number, value: string | number | Message])[];

/** A message in bytes. */
export function encode(message: Message): Uint8Array {
  return Buffer.concat(
    message.map(([field, value]) => {
      if (typeof value === "number") return Buffer.concat([varint(field << 3), varint(value)]);
      return delimited(field, typeof value === "string" ? Buffer.from(value) : encode(value));
    }),
  );
}

/** An object's bytes in the envelope that the API server wants: `k8s\0`, then type and object. */
export function envelope(apiVersion: string, kind: string, object: Uint8Array): Uint8Array {
  const type = encode([
    [1, apiVersion],
    [2, kind],
  ]);
  return Buffer.concat([Buffer.from("k8s\0"), delimited(1, type), delimited(2, object)]);
}

function delimited(field: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
