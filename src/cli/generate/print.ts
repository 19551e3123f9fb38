/** Declarations as TypeScript, formatted as Biome formats it. */

import type { Declaration, Field, TypeNode } from "./declaration.js";

/** The longest line. */
export const lineWidth = 120;

/** How to print. */
export interface PrintOptions {
  /** Whether descriptions become doc comments. */
  readonly docs: boolean;
  /** What a type of another file is called in this one. */
  readonly nameOf: (module: string, name: string) => string;
}

/** One exported type. */
export function printDeclaration(declaration: Declaration, options: PrintOptions): string {
  const doc = printDoc(declaration.note ?? (options.docs ? declaration.doc : ""), 0);
  if (declaration.type === "alias") return `${doc}${printAlias(declaration.name, declaration.target, options)}\n`;
  const { name, fields, open } = declaration;
  if (fields.length === 0) {
    return `${doc}${printAlias(name, { type: "map", values: { type: "keyword", name: "unknown" } }, options)}\n`;
  }
  const lines = fields.map((field) => printField(field, options));
  if (open) lines.push("  [key: string]: unknown;\n");
  return `${doc}export interface ${name} {\n${lines.join("")}}\n`;
}

/** A doc comment, `""` for an empty text; long texts are wrapped. */
function printDoc(text: string, indent: number): string {
  if (text === "") return "";
  const margin = " ".repeat(indent);
  const lines = text
    .replaceAll("*/", "*\\/")
    .split("\n")
    .flatMap((line) => wrap(line.trimEnd(), lineWidth - indent - 3));
  const [first = ""] = lines;
  if (lines.length === 1 && indent + first.length + 7 <= lineWidth) return `${margin}/** ${first} */\n`;
  return `${margin}/**\n${lines.map((line) => `${margin} * ${line}`.trimEnd()).join("\n")}\n${margin} */\n`;
}

/** An array of texts or names in one line or, if that is too long, one line each; `before` is what stands left of it. */
export function printList(
  items: readonly string[],
  options: { readonly before: string; readonly after: string; readonly indent: number; readonly brackets: "[]" | "{}" },
): string {
  const [open = "", close = ""] = options.brackets;
  const space = options.brackets === "{}" ? " " : "";
  const flat = `${options.before}${open}${space}${items.join(", ")}${space}${close}${options.after}`;
  if (flat.length <= lineWidth) return flat;
  const margin = " ".repeat(options.indent);
  return `${options.before}${open}\n${items.map((item) => `${margin}  ${item},\n`).join("")}${margin}${close}${options.after}`;
}

/** Whether a property needs no quotes. */
function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name);
}

function printField(field: Field, options: PrintOptions): string {
  const doc = options.docs ? printDoc(field.doc, 2) : "";
  const name = isIdentifier(field.name) ? field.name : JSON.stringify(field.name);
  const before = `  ${name}${field.required ? "" : "?"}:`;
  return `${doc}${before}${printType(field.type, before.length + 1, 2, options)};\n`;
}

function printAlias(name: string, target: TypeNode, options: PrintOptions): string {
  const before = `export type ${name} =`;
  return `${before}${printType(target, before.length + 1, 0, options)};`;
}

/** The type with the space before it, or on lines of its own; `;` follows. */
function printType(type: TypeNode, column: number, indent: number, options: PrintOptions): string {
  const flat = flatType(type, options);
  if (column + flat.length + 1 <= lineWidth) return ` ${flat}`;
  const margin = " ".repeat(indent);
  switch (type.type) {
    case "union":
      return type.members.map((member) => `\n${margin}  | ${flatType(member, options)}`).join("");
    case "array":
      return type.items.type === "union"
        ? ` (${type.items.members.map((member) => `\n${margin}  | ${flatType(member, options)}`).join("")}\n${margin})[]`
        : ` ${flat}`;
    case "map": {
      const before = `${margin}  [key: string]:`;
      return ` {\n${before}${printType(type.values, before.length + 1, indent + 2, options)};\n${margin}}`;
    }
    default:
      return ` ${flat}`;
  }
}

function flatType(type: TypeNode, options: PrintOptions): string {
  switch (type.type) {
    case "keyword":
      return type.name;
    case "literal":
      return JSON.stringify(type.value);
    case "reference": {
      const name = options.nameOf(type.module, type.name);
      return type.partial === true ? `Partial<${name}>` : name;
    }
    case "array":
      return type.items.type === "union"
        ? `(${flatType(type.items, options)})[]`
        : `${flatType(type.items, options)}[]`;
    case "map":
      return `{ [key: string]: ${flatType(type.values, options)} }`;
    case "union":
      return type.members.map((member) => flatType(member, options)).join(" | ");
    default:
      return type satisfies never;
  }
}

function wrap(line: string, width: number): readonly string[] {
  if (line.length <= width) return [line];
  const cut = line.lastIndexOf(" ", width);
  if (cut <= 0) return [line];
  return [line.slice(0, cut), ...wrap(line.slice(cut + 1), width)];
}
