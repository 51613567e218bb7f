/**
 * A piece of configuration in its two forms, declared once: as a file says it (snake_case, durations as text) and as a
 * program holds it. From the same declaration come both checks, the reading, the defaults, the writing back, the JSON Schema for editors and
 * the table in the documentation.
 */
import { z } from "zod";

/** What is told of a form in the documentation. */
export interface FormFacts {
  /** Checks what a file says. */
  readonly file: z.ZodType;
  /** What it holds, where it holds others: by what stands behind its name. */
  readonly inner?: readonly (readonly [suffix: string, form: FormFacts])[];
  /** The fields, for an object. */
  readonly fields?: readonly FieldFacts[];
}

/** One value in both forms. */
export interface Form<Value> extends FormFacts {
  /** Checks what a program says, defaults left out. */
  readonly value: z.ZodType;
  /** From what a file says, after its check. Defaults are filled in. */
  readonly read: (said: unknown) => Value;
  /** From what a program says, after its check. Defaults are filled in. */
  readonly fill: (given: unknown) => Value;
  /** To what a file would say. */
  readonly write: (value: Value) => unknown;
}

/** One field of an object, for documentation. */
export interface FieldFacts {
  readonly name: string;
  readonly description: string;
  /** In the words of the file. */
  readonly defaultText: string | undefined;
  readonly isRequired: boolean;
  readonly form: FormFacts;
}

/** One field of an object. */
export interface Field<Value> {
  readonly form: Form<Value>;
  /** In the file. Default: the program's name in snake_case. */
  readonly name: string | undefined;
  readonly description: string;
  /** Absent: the field stays absent. */
  readonly fallback: (() => Value) | undefined;
  readonly isRequired: boolean;
  readonly defaultText: string | undefined;
}

interface FieldOptions {
  readonly name?: string;
  /** In the documentation, where the default is not a fixed value. */
  readonly defaultText?: string;
}

/** A field that may be left out, and then is absent. */
export function optional<Value>(form: Form<Value>, description: string, options: FieldOptions = {}): Field<Value> {
  return { form, description, name: options.name, fallback: undefined, isRequired: false, defaultText: options.defaultText };
}

/** A field that must be there. */
export function required<Value>(form: Form<Value>, description: string, options: FieldOptions = {}): Field<Value> {
  return { ...optional(form, description, options), isRequired: true };
}

/** A field that has a default. */
export function defaulted<Value>(
  form: Form<Value>,
  fallback: Value | (() => Value),
  description: string,
  options: FieldOptions = {},
): Field<Value> {
  const make = (): Value => (isMaker(fallback) ? fallback() : fallback);
  const text = options.defaultText ?? (isMaker(fallback) ? undefined : defaultTextOf(form.write(fallback)));
  return { ...optional(form, description, options), fallback: make, defaultText: text };
}

function isMaker<Value>(fallback: Value | (() => Value)): fallback is () => Value {
  return typeof fallback === "function";
}

function defaultTextOf(written: unknown): string | undefined {
  if (Array.isArray(written) && written.length === 0) return "none";
  return typeof written === "string" ? written : JSON.stringify(written);
}

/** A value that both forms write alike. */
export function same<Value>(schema: z.ZodType<Value>): Form<Value> {
  return {
    file: schema,
    value: schema,
    read: (said) => schema.parse(said),
    fill: (given) => schema.parse(given),
    write: (value) => value,
  };
}

/** A value that a file writes as text, as `30s`. */
export function textual<Value>(init: {
  readonly file: z.ZodType<string>;
  readonly value: z.ZodType<Value>;
  readonly read: (text: string) => Value;
  readonly write: (value: Value) => unknown;
}): Form<Value> {
  return {
    file: init.file,
    value: init.value,
    read: (said) => init.read(init.file.parse(said)),
    fill: (given) => init.value.parse(given),
    write: init.write,
  };
}

type Fields<Value> = { readonly [Name in keyof Value]-?: Field<Exclude<Value[Name], undefined>> };

/** An object of known keys; any other key is an error, whose message lists the known ones: whoever tells it looks for the nearest. */
export function object<Value extends object>(fields: Fields<Value>): Form<Value> {
  const rows = (Object.entries(fields) as [string, Field<unknown>][]).map(([key, field]) => ({
    ...field,
    key,
    name: field.name ?? snakeCase(key),
  }));
  const shapeOf = (nameOf: (row: (typeof rows)[number]) => string, side: "file" | "value") =>
    strict(
      Object.fromEntries(
        rows.map((row) => {
          const described = row.form[side].describe(row.description);
          return [nameOf(row), row.isRequired ? described : described.optional()];
        }),
      ),
    );

  function build(given: unknown, nameOf: (row: (typeof rows)[number]) => string, side: "read" | "fill"): Value {
    const said: Readonly<Record<string, unknown>> = typeof given === "object" && given !== null ? { ...given } : {};
    const entries = rows.flatMap((row) => {
      const name = nameOf(row);
      const one = Object.hasOwn(said, name) ? said[name] : undefined;
      const value = one === undefined ? row.fallback?.() : row.form[side](one);
      return value === undefined ? [] : [[row.key, value] as const];
    });
    return Object.fromEntries(entries) as Value;
  }

  return {
    file: shapeOf(({ name }) => name, "file"),
    value: shapeOf(({ key }) => key, "value"),
    read: (said) => build(said, ({ name }) => name, "read"),
    fill: (given) => build(given, ({ key }) => key, "fill"),
    write: (value) => {
      const held: ReadonlyMap<string, unknown> = new Map(Object.entries(value));
      return Object.fromEntries(
        rows.flatMap(({ key, name, form }) => (held.get(key) === undefined ? [] : [[name, form.write(held.get(key))]])),
      );
    },
    fields: rows.map(({ name, description, defaultText, isRequired, form }) => ({
      name,
      description,
      defaultText,
      isRequired,
      form,
    })),
  };
}

/** Of zod's objects, one that tells which keys it knows. */
export function strict(shape: z.ZodRawShape): z.ZodType {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? Object.keys(shape).join(" ") : "it must be a table of keys and values",
  });
}

export function list<Value>(item: Form<Value>): Form<readonly Value[]> {
  const error = "it must be a list";
  return {
    file: z.array(item.file, { error }),
    value: z.array(item.value, { error }),
    read: (said) => z.array(z.unknown()).parse(said).map(item.read),
    fill: (given) => z.array(z.unknown()).parse(given).map(item.fill),
    write: (values) => values.map(item.write),
    inner: [["[]", item]],
  };
}

/** A list, or one value that stands for a list of it. */
export function oneOrMore<Value extends string>(item: Form<Value>): Form<readonly Value[]> {
  const many = list(item);
  return {
    ...many,
    file: either(item.file, many.file, "it must be a name or a list of names"),
    read: (said) => (typeof said === "string" ? [item.read(said)] : many.read(said)),
    write: (values) => (values.length === 1 ? values[0] : many.write(values)),
  };
}

/** Values by name. */
export function named<Value>(item: Form<Value>, name: z.ZodType<string, string>): Form<Readonly<Record<string, Value>>> {
  const error = "it must be a table of names and values";
  const mapped = (given: unknown, change: (one: unknown) => Value): Readonly<Record<string, Value>> =>
    Object.fromEntries(Object.entries(z.record(z.string(), z.unknown()).parse(given)).map(([key, one]) => [key, change(one)]));
  return {
    file: z.record(name, item.file, { error }),
    value: z.record(name, item.value, { error }),
    read: (said) => mapped(said, item.read),
    fill: (given) => mapped(given, item.fill),
    write: (values) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, item.write(value)])),
    inner: [[".NAME", item]],
  };
}

/** A value that may also be written short, as text or as a switch. */
export function short<Value>(
  full: Form<Value>,
  init: {
    readonly schema: z.ZodType;
    readonly isShort: (said: unknown) => boolean;
    /** What stands for it in full, in the words of a program. */
    readonly expand: (said: unknown) => unknown;
    /** Undefined: it cannot be written short. */
    readonly shorten: (value: Value) => unknown;
    readonly error: string;
  },
): Form<Value> {
  return {
    ...full,
    file: either(init.schema, full.file, init.error),
    value: either(init.schema, full.value, init.error),
    read: (said) => (init.isShort(said) ? full.fill(init.expand(said)) : full.read(said)),
    fill: (given) => full.fill(init.isShort(given) ? init.expand(given) : given),
    write: (value) => init.shorten(value) ?? full.write(value),
  };
}

export function either(first: z.ZodType, second: z.ZodType, error: string): z.ZodType {
  return z.union([first, second], { error });
}

export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
