/** What names an object among its kind. */

/** A namespace, absent for cluster-scoped kinds, and a name. */
export interface ObjectRef {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** `namespace/name`, or the name alone: unique within a kind, and a readable map key. */
export function keyOf(ref: ObjectRef): string {
  return ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
}

/** The reference of an object. */
export function refOf(object: { readonly metadata: ObjectRef }): ObjectRef {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? { name } : { namespace, name };
}
