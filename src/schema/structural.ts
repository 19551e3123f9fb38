/** Structural schemas: the part of OpenAPI that a CustomResourceDefinition may use. */

/**
 * A schema inside a CustomResourceDefinition, in its own words (`JSONSchemaProps`).
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export interface StructuralSchema {
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  /** Whether `minimum` itself is excluded: a flag, as in OpenAPI 3.0. */
  readonly exclusiveMinimum?: boolean;
  readonly maximum?: number;
  /** Whether `maximum` itself is excluded: a flag, as in OpenAPI 3.0. */
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: { readonly [name: string]: StructuralSchema };
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly allOf?: readonly StructuralSchema[];
  readonly anyOf?: readonly StructuralSchema[];
  readonly oneOf?: readonly StructuralSchema[];
  readonly not?: StructuralSchema;
  readonly "x-kubernetes-preserve-unknown-fields"?: true;
  readonly "x-kubernetes-int-or-string"?: true;
  readonly "x-kubernetes-embedded-resource"?: true;
  readonly "x-kubernetes-list-type"?: ListType;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: MapType;
  readonly "x-kubernetes-validations"?: readonly ValidationRule[];
}

/** How server-side apply merges a list: as one value, as a set of scalars, or by the keys of its objects. */
export type ListType = "atomic" | "set" | "map";

/** How server-side apply merges an object: as one value, or field by field. */
export type MapType = "atomic" | "granular";

/**
 * A rule in the Common Expression Language. `self` is the value at the rule's place; a rule that names `oldSelf` is a transition
 * rule, checked when an object changes.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
export interface ValidationRule {
  readonly rule: string;
  /** What the user is told when the rule fails. Default: the rule itself. */
  readonly message?: string;
  /** A rule that computes the message. */
  readonly messageExpression?: string;
  /** Default: `FieldValueInvalid`. */
  readonly reason?: "FieldValueInvalid" | "FieldValueForbidden" | "FieldValueRequired" | "FieldValueDuplicate";
  /** The field that the failure is reported on, relative to `self`: `.replicas`. */
  readonly fieldPath?: string;
  /** Checks a transition rule on creation too, `oldSelf` then being an optional. */
  readonly optionalOldSelf?: boolean;
}

/** Any JSON at all, null too: what `unknown` becomes. */
export const anything: StructuralSchema = Object.freeze({
  nullable: true,
  "x-kubernetes-preserve-unknown-fields": true,
});

/** What constrains values but shapes nothing: all that may stand under `allOf`, `anyOf`, `oneOf` and `not`. */
export function constraintsOf(schema: StructuralSchema): StructuralSchema {
  const {
    type: _type,
    title: _title,
    description: _description,
    default: _default,
    nullable: _nullable,
    properties,
    additionalProperties: _additionalProperties,
    items,
    "x-kubernetes-preserve-unknown-fields": _preserve,
    "x-kubernetes-int-or-string": _intOrString,
    "x-kubernetes-embedded-resource": _embedded,
    "x-kubernetes-list-type": _listType,
    "x-kubernetes-list-map-keys": _listMapKeys,
    "x-kubernetes-map-type": _mapType,
    "x-kubernetes-validations": _validations,
    ...constraints
  } = schema;
  const inner = Object.entries(properties ?? {})
    .map(([name, property]) => [name, constraintsOf(property)] as const)
    .filter(([, property]) => !isEmpty(property));
  const innerItems = items === undefined ? {} : constraintsOf(items);
  return {
    ...constraints,
    ...(inner.length === 0 ? {} : { properties: Object.fromEntries(inner) }),
    ...(isEmpty(innerItems) ? {} : { items: innerItems }),
  };
}

/** Whether a schema says nothing. */
export function isEmpty(schema: StructuralSchema): boolean {
  return Object.keys(schema).length === 0;
}

/** Whether values have no parts. */
export function isScalar({ type }: StructuralSchema): boolean {
  return type !== undefined && type !== "object" && type !== "array";
}
