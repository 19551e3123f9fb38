/** What customResource needs of a schema library: the two standards that zod, valibot, arktype and others speak, in their smallest form. */

/**
 * A schema of any library that speaks Standard Schema and Standard JSON Schema.
 *
 * zod 4 and arktype schemas are such as they are; a valibot schema becomes one by `toStandardJsonSchema` of `@valibot/to-json-schema`.
 *
 * @see https://standardschema.dev
 */
export interface Schema<In = unknown, Out = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    /** Never set: carries the types for the compiler. */
    readonly types?: { readonly input: In; readonly output: Out } | undefined;
    readonly validate: (value: unknown) => ValidationResult<Out> | Promise<ValidationResult<Out>>;
    readonly jsonSchema: {
      readonly input: (options: JsonSchemaOptions) => { readonly [keyword: string]: unknown };
      readonly output: (options: JsonSchemaOptions) => { readonly [keyword: string]: unknown };
    };
  };
}

/** What a schema says to a value: the value with defaults filled in, or what is wrong with it. */
export type ValidationResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: readonly ValidationIssue[] };

/** One thing that is wrong, and where. */
export interface ValidationIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

interface JsonSchemaOptions {
  readonly target: "draft-2020-12";
  readonly libraryOptions?: Record<string, unknown>;
}

/** The type of what may be written: fields with defaults are optional. */
export type InputOf<S extends Schema> = NonNullable<S["~standard"]["types"]>["input"];

/** The type of what is read: fields with defaults are there. */
export type OutputOf<S extends Schema> = NonNullable<S["~standard"]["types"]>["output"];
