/** Evaluation of expressions of the Common Expression Language. */

import type { Expression } from "./ast.js";
import { Unsigned } from "./ast.js";
import { functions, methods } from "./functions.js";
import { arithmetic, isIn } from "./operators.js";
import {
  CelError,
  type CelMap,
  type CelValue,
  compare,
  equals,
  isList,
  isMap,
  noOverload,
  Optional,
  textOfValue,
  TypeName,
} from "./values.js";

/** Names that an expression may use. */
export type Variables = ReadonlyMap<string, CelValue>;

/** The most steps that one evaluation may take. */
const maxSteps = 1_000_000;

/** The value of an expression. @throws CelError if it has none. */
export function evaluate(expression: Expression, variables: Variables): CelValue {
  return new Evaluation().value(expression, variables);
}

const typeNames: ReadonlySet<string> = new Set([
  "int",
  "uint",
  "double",
  "bool",
  "string",
  "bytes",
  "list",
  "map",
  "null_type",
  "type",
]);

class Evaluation {
  #steps = 0;

  value(expression: Expression, variables: Variables): CelValue {
    if (++this.#steps > maxSteps) throw new CelError("operation cancelled: actual cost limit exceeded");
    switch (expression.type) {
      case "constant":
        return expression.value;
      case "name":
        return named(expression.name, variables);
      case "select": {
        const operand = this.value(expression.operand, variables);
        return member(operand, expression.field, expression.optional);
      }
      case "index": {
        const operand = this.value(expression.operand, variables);
        return member(operand, this.value(expression.index, variables), expression.optional);
      }
      case "list":
        return expression.items.map((item) => this.value(item, variables));
      case "map":
        return new Map(
          expression.entries.map(([key, item]) => [keyOf(this.value(key, variables)), this.value(item, variables)]),
        );
      case "call":
        return this.#call(expression, variables);
      default:
        return expression satisfies never;
    }
  }

  #call(call: Expression & { readonly type: "call" }, variables: Variables): CelValue {
    const { name, target, args } = call;
    if (target !== undefined && args.length > 1 && args[0]?.type === "name") {
      const macro = this.#macro(call, variables);
      if (macro !== undefined) return macro;
    }
    if (target === undefined) {
      if (name === "has") return this.#has(args[0], variables);
      if (name === "&&" || name === "||") return this.#either(args, name === "||", variables);
      if (name === "?:") {
        const [condition, yes, no] = args;
        if (condition === undefined || yes === undefined || no === undefined) throw noOverload();
        return this.value(truth(this.value(condition, variables)) ? yes : no, variables);
      }
      const values = args.map((arg) => this.value(arg, variables));
      return operate(name, values) ?? applied(functions.get(name), values);
    }
    const values = args.map((arg) => this.value(arg, variables));
    if (target.type === "name" && !variables.has(target.name)) {
      const qualified = functions.get(`${target.name}.${name}`);
      if (qualified !== undefined) return applied(qualified, values);
    }
    return applied(methods.get(name), [this.value(target, variables), ...values]);
  }

  /** One side may fail if the other decides. */
  #either(args: readonly Expression[], decisive: boolean, variables: Variables): CelValue {
    let failure: CelError | undefined;
    for (const arg of args) {
      try {
        if (truth(this.value(arg, variables)) === decisive) return decisive;
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return !decisive;
  }

  #has(arg: Expression | undefined, variables: Variables): boolean {
    if (arg?.type !== "select") throw new CelError("invalid argument to has() macro");
    const operand = this.value(arg.operand, variables);
    const inner = operand instanceof Optional ? operand.value : operand;
    return inner !== undefined && isMap(inner) && inner.has(arg.field);
  }

  #macro({ name, target, args }: Expression & { readonly type: "call" }, variables: Variables): CelValue | undefined {
    const names = args.slice(0, -1).map((arg) => (arg.type === "name" ? arg.name : ""));
    const body = args.at(-1);
    const [first = "", second] = names;
    if (target === undefined || body === undefined) return undefined;
    switch (name) {
      case "all":
      case "exists": {
        const of = this.#items(target, variables, names);
        return this.#quantified(of, body, name === "exists");
      }
      case "exists_one":
      case "existsOne":
        return this.#items(target, variables, names).filter((scope) => truth(this.value(body, scope))).length === 1;
      case "filter": {
        const values = membersOf(this.value(target, variables));
        return values.filter((value) => truth(this.value(body, new Map([...variables, [first, value]]))));
      }
      case "map":
        return second !== undefined && args.length === 3
          ? this.#mapped(target, { name: first, body, condition: args[1] }, variables)
          : this.#mapped(target, { name: first, body, condition: undefined }, variables);
      case "optMap":
      case "optFlatMap": {
        const of = this.value(target, variables);
        if (!(of instanceof Optional) || of.value === undefined) return of;
        const result = this.value(body, new Map([...variables, [first, of.value]]));
        return name === "optMap" ? new Optional(result) : result;
      }
      default:
        return undefined;
    }
  }

  #mapped(
    target: Expression,
    {
      name,
      body,
      condition,
    }: { readonly name: string; readonly body: Expression; readonly condition: Expression | undefined },
    variables: Variables,
  ): CelValue {
    const scopes = membersOf(this.value(target, variables)).map((value) => new Map([...variables, [name, value]]));
    const chosen = condition === undefined ? scopes : scopes.filter((scope) => truth(this.value(condition, scope)));
    return chosen.map((scope) => this.value(body, scope));
  }

  #quantified(scopes: readonly Variables[], body: Expression, decisive: boolean): boolean {
    let failure: CelError | undefined;
    for (const scope of scopes) {
      try {
        if (truth(this.value(body, scope)) === decisive) return decisive;
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return !decisive;
  }

  /** The variables for each member: one name stands for items or keys, two for index and item, or key and value. */
  #items(target: Expression, variables: Variables, [first = "", second]: readonly string[]): readonly Variables[] {
    const of = this.value(target, variables);
    if (second === undefined) return membersOf(of).map((value) => new Map([...variables, [first, value]]));
    const pairs: readonly (readonly [CelValue, CelValue])[] = isList(of)
      ? of.map((item, index) => [BigInt(index), item] as const)
      : isMap(of)
        ? [...of]
        : [];
    return pairs.map(([key, value]) => new Map([...variables, [first, key], [second, value]]));
  }
}

function named(name: string, variables: Variables): CelValue {
  const value = variables.get(name);
  if (value !== undefined) return value;
  if (typeNames.has(name)) return new TypeName(name);
  throw new CelError(`no such attribute(s): ${name}`);
}

function truth(value: CelValue): boolean {
  if (typeof value === "boolean") return value;
  throw noOverload();
}

function membersOf(value: CelValue): readonly CelValue[] {
  if (isList(value)) return value;
  if (isMap(value)) return [...value.keys()];
  throw noOverload();
}

function keyOf(value: CelValue): string | bigint | boolean {
  if (typeof value === "string" || typeof value === "bigint" || typeof value === "boolean") return value;
  if (value instanceof Unsigned) return value.value;
  throw new CelError("unsupported key type");
}

function member(operand: CelValue, key: CelValue, optional: boolean): CelValue {
  if (operand instanceof Optional) {
    return operand.value === undefined ? operand : member(operand.value, key, true);
  }
  const found = lookUp(operand, key);
  if (optional) return new Optional(found);
  if (found !== undefined) return found;
  throw new CelError(`${isList(operand) ? "index out of bounds" : "no such key"}: ${textOfValue(key)}`);
}

function lookUp(operand: CelValue, key: CelValue): CelValue | undefined {
  if (isMap(operand)) return mapItem(operand, key);
  if (!isList(operand)) throw noOverload();
  const index =
    typeof key === "number" && Number.isInteger(key) ? BigInt(key) : key instanceof Unsigned ? key.value : key;
  if (typeof index !== "bigint") throw noOverload();
  return index < 0n ? undefined : operand[Number(index)];
}

function mapItem(map: CelMap, key: CelValue): CelValue | undefined {
  const plain = typeof key === "number" && Number.isInteger(key) ? BigInt(key) : key;
  return map.get(keyOf(plain));
}

function operate(name: string, values: readonly CelValue[]): CelValue | undefined {
  const [a = null, b = null] = values;
  switch (name) {
    case "!":
      return !truth(a);
    case "==":
      return equals(a, b);
    case "!=":
      return !equals(a, b);
    case "<":
      return compare(a, b) < 0;
    case "<=":
      return compare(a, b) <= 0;
    case ">":
      return compare(a, b) > 0;
    case ">=":
      return compare(a, b) >= 0;
    case "in":
      return isIn(a, b);
    case "neg":
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(name, a, b);
    default:
      return undefined;
  }
}

function applied(fn: ((...args: readonly CelValue[]) => CelValue) | undefined, values: readonly CelValue[]): CelValue {
  if (fn === undefined) throw noOverload();
  return fn(...values);
}
