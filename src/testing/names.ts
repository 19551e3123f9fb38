/** What names, labels and their kin may look like, and what the API server says of those that do not. */

import type { NameRule } from "./resource.js";

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const label1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const qualifiedName = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelValue = `(${qualifiedName})?`;

const whole = (pattern: string) => new RegExp(`^${pattern}$`);
const wholes = {
  label: whole(label),
  subdomain: whole(subdomain),
  label1035: whole(label1035),
  qualifiedName: whole(qualifiedName),
  labelValue: whole(labelValue),
} as const;

const texts = {
  subdomain: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`,
  label: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
  label1035: `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${label1035}')`,
  namePart: `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedName}')`,
  labelKey: `a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedName}') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
  labelValue: `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${labelValue}')`,
} as const;

const tooLong = (limit: number) => `must be no more than ${limit} characters`;

/** What is wrong with a name, by the rule of its kind. */
export function nameProblems(rule: NameRule, name: string): readonly string[] {
  switch (rule) {
    case "path":
      return pathProblems(name);
    case "label":
      return labelProblems(name);
    case "label1035":
      return [...(name.length > 63 ? [tooLong(63)] : []), ...(wholes.label1035.test(name) ? [] : [texts.label1035])];
    case "subdomain":
    case "crd":
      return subdomainProblems(name);
    default:
      return rule satisfies never;
  }
}

function labelProblems(name: string): readonly string[] {
  const problems = name.length > 63 ? [tooLong(63)] : [];
  if (wholes.label.test(name)) return problems;
  return [...problems, wholes.subdomain.test(name) ? "must not contain dots" : texts.label];
}

function pathProblems(name: string): readonly string[] {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"]
    .filter((character) => name.includes(character))
    .map((character) => `may not contain '${character}'`);
}

function subdomainProblems(name: string): readonly string[] {
  return [...(name.length > 253 ? [tooLong(253)] : []), ...(wholes.subdomain.test(name) ? [] : [texts.subdomain])];
}

/** What is wrong with the key of a label or annotation. */
export function keyProblems(key: string): readonly string[] {
  const parts = key.split("/");
  const [first = "", second] = parts;
  if (parts.length > 2) return [texts.labelKey];
  const problems: string[] = [];
  if (second !== undefined) {
    if (first === "") problems.push("prefix part must be non-empty");
    else problems.push(...subdomainProblems(first).map((problem) => `prefix part ${problem}`));
  }
  const name = second ?? first;
  if (name === "") problems.push("name part must be non-empty");
  else if (name.length > 63) problems.push(`name part ${tooLong(63)}`);
  if (!wholes.qualifiedName.test(name)) problems.push(texts.namePart);
  return problems;
}

/** What is wrong with the value of a label. */
export function labelValueProblems(value: string): readonly string[] {
  return [...(value.length > 63 ? [tooLong(63)] : []), ...(wholes.labelValue.test(value) ? [] : [texts.labelValue])];
}

/** Whether a text is a DNS subdomain. */
export function isSubdomain(text: string): boolean {
  return subdomainProblems(text).length === 0;
}

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = new RegExp(`^(?:${octet}\\.){3}${octet}$`);

/** Whether a text is an IP address, of either family. */
export function isAddress(text: string): boolean {
  return ipv4.test(text) || (text.includes(":") && URL.canParse(`http://[${text}]/`));
}
