/**
 * The declaration of a configuration option: everything that the project knows about it, in one place. The schema, the
 * defaults, the environment variables, the list of options that need a restart, the sample file, the JSON Schema and the
 * table of the documentation are derived from it. A plain option is one entry in a file of `sections/`.
 */
import type { z } from 'zod';
import { text } from './values/leaf.ts';
import { section } from './values/section.ts';

/** Facts about an option. Texts are plain English and become comments of the sample file. */
export interface OptionFacts {
  /** Purpose of the option, for the sample file and for editors. Left out where the name is enough. */
  readonly about?: string;
  /** The default as an operator would write it. An option without one is undefined when it is left out. */
  readonly default?: unknown;
  /** The section cannot be used without this option. */
  readonly isRequired?: true;
  /** YAML to show in the sample file, as a comment. Left out, the sample file shows the default. */
  readonly sample?: string;
  /** YAML to show in the sample file in place of the default, for a default that consists of many options. */
  readonly shown?: string;
  /** Left out of the sample file: another way to write an option that is shown. */
  readonly isHidden?: true;

  /** Environment variable that takes precedence over the file. */
  readonly variable?: string;
  /** Variables of other tools, in order of precedence, used when the file leaves the option out. */
  readonly conventional?: readonly string[];
  /** Variables that another library reads by itself, for the documentation. */
  readonly readElsewhere?: string;
  /** A conventional variable is enough to switch the section on. */
  readonly enablesSection?: true;
  /** Warning when a conventional variable is set and the section is off. */
  readonly ignoredNote?: string;
  /** Top-level key that replaces this option: the two exclude each other. */
  readonly replacedBy?: string;

  /** Each environment variable may name a file instead: `<VARIABLE>_FILE`. */
  readonly isSecret?: true;
  /** The configuration file may name a file instead: `<key>_file`. The value is the sample path. */
  readonly fileKey?: string;
  /** Allows `${env:…}` and `${file:…}`; stands for the value when a configuration is checked without its secrets. */
  readonly placeholder?: string;
  /** The option maps names to secrets, and the placeholder stands for one of them. */
  readonly isMapping?: true;
  /** Effect of a missing secret in sidecar mode, where the configuration is accepted without it. */
  readonly ifMissing?: IfMissing;

  /** For a top-level option: a change takes effect without a restart. */
  readonly isReloadable?: true;
  /** For an option of a reloadable section: a change takes effect at the next start. A text names the only field that needs one. */
  readonly needsRestart?: true | string;
  /** The section that each item of a list is, so that its options are declared once. */
  readonly items?: Section;
}

export interface IfMissing {
  /** `section` leaves the whole section out; otherwise the options to replace. */
  readonly switchesOff: 'section' | Readonly<Record<string, string>>;
  /** Last part of the warning, such as "Slack is off". */
  readonly consequence: string;
}

/** `Unit` is appended to the name in `Config`: `sample_slow` holds milliseconds and becomes `sampleSlowMs`. */
export interface ConfigOption<Value = unknown, Unit extends string = string, HasFileKey extends boolean = boolean>
  extends OptionFacts {
  readonly kind: 'option';
  readonly schema: z.ZodType<Value>;
  readonly unit: Unit;
  readonly hasFileKey: HasFileKey;
}

export interface SectionFacts {
  readonly about?: string;
  /** Off when it is left out. Other sections have a default for every option. */
  readonly isOptional?: true;
  /** The sample file shows an optional section without comment signs. */
  readonly isShown?: true;
  /** Key of the option that may stand for the whole section: `broker: redis://…`. */
  readonly shorthand?: string;
  /** A change takes effect without a restart, except for options with `needsRestart`. */
  readonly isReloadable?: true;
}

export interface Section<Options extends Declarations = Declarations, IsOptional extends boolean = boolean>
  extends SectionFacts {
  readonly kind: 'section';
  readonly options: Options;
  readonly schema: z.ZodType<Written<Options>>;
  readonly isAlwaysPresent: IsOptional extends true ? false : true;
}

export type Declaration = ConfigOption | Section;
export type Declarations = { readonly [key: string]: Declaration };

/** Values as the file holds them, with defaults filled in: the input of the functions that build the `Config`. */
export type Written<Options extends Declarations> = {
  readonly [Key in keyof Options]: WrittenValue<Options[Key]>;
} & {
  readonly [Key in keyof Options as Options[Key] extends ConfigOption<unknown, string, true>
    ? `${Key & string}_file`
    : never]: string | undefined;
};

type WrittenValue<Node> =
  Node extends ConfigOption<infer Value, string, boolean>
    ? Value
    : Node extends Section<infer Options, infer IsOptional>
      ? IsOptional extends true
        ? Written<Options> | undefined
        : Written<Options>
      : never;

type CamelCase<Key> = Key extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Key;

/** The same values under the names that code uses: camel case, with the unit at the end. */
export type Configured<Options extends Declarations, Keys extends keyof Options = keyof Options> = {
  readonly [Key in Keys as Options[Key] extends ConfigOption<unknown, infer Unit, boolean>
    ? `${CamelCase<Key> & string}${Unit}`
    : CamelCase<Key>]: WrittenValue<Options[Key]>;
};

type ValueOf<Leaf extends z.ZodType, Facts> = Facts extends
  | { readonly default: unknown }
  | { readonly isRequired: true }
  ? z.output<Leaf>
  : z.output<Leaf> | undefined;
type UnitOf<Leaf> = Leaf extends { readonly unit: infer Unit extends string } ? Unit : '';
type HasFileKeyOf<Facts> = Facts extends { readonly fileKey: string } ? true : false;

/** An option whose values `leaf` reads. The default goes through the leaf too, so it is written as in the file. */
export function option<Leaf extends z.ZodType & { readonly unit?: string }, const Facts extends OptionFacts>(
  leaf: Leaf,
  facts: Facts,
): ConfigOption<ValueOf<Leaf, Facts>, UnitOf<Leaf>, HasFileKeyOf<Facts>> {
  const schema = 'default' in facts ? leaf.prefault(facts.default as never) : facts.isRequired ? leaf : leaf.optional();
  return {
    ...facts,
    kind: 'option',
    schema: schema as z.ZodType<ValueOf<Leaf, Facts>>,
    unit: (leaf.unit ?? '') as UnitOf<Leaf>,
    hasFileKey: (facts.fileKey !== undefined) as HasFileKeyOf<Facts>,
  };
}

/** A mapping of the configuration file. Unknown keys are refused, with the nearest known key as a suggestion. */
export function defineSection<
  const Options extends Declarations,
  const Facts extends SectionFacts & { readonly isOptional?: true },
>(options: Options, facts: Facts): Section<Options, Facts extends { readonly isOptional: true } ? true : false> {
  const shape = shapeOf(options);
  const absent = Object.fromEntries(Object.keys(shape).map((key) => [key, undefined]));
  // The schema leaves out keys that the file leaves out; code that copies values relies on every key.
  const schema = section(shape).transform((written) => ({ ...absent, ...written }));
  const isAlwaysPresent = facts.isOptional !== true;
  return {
    ...facts,
    kind: 'section',
    options,
    schema: schema as unknown as z.ZodType<Written<Options>>,
    isAlwaysPresent: isAlwaysPresent as never,
  };
}

/** The schemas of all keys, with `<key>_file` behind each option that has one. */
function shapeOf(options: Declarations): Record<string, z.ZodType> {
  const shape: Record<string, z.ZodType> = {};
  for (const [key, node] of Object.entries(options)) {
    shape[key] = node.kind === 'option' ? node.schema : sectionSchema(node);
    if (node.kind === 'option' && node.hasFileKey) shape[fileKeyOf(key)] = text('the path of a file').optional();
  }
  return shape;
}

function sectionSchema(node: Section): z.ZodType {
  return node.isAlwaysPresent ? node.schema.prefault({} as never) : node.schema.optional();
}

export function fileKeyOf(key: string): string {
  return `${key}_file`;
}

/** The values of plain options under the names that code uses. Keys that `written` leaves out are left out here. */
export function configured<Options extends Declarations, Values extends Partial<Written<Options>>>(
  options: Options,
  written: Values,
): Configured<Options, keyof Options & keyof Values> {
  const entries = Object.entries<unknown>(written)
    .filter(([key]) => options[key] !== undefined)
    .map(([key, value]) => [configKeyOf(key, options[key]), value]);
  return Object.fromEntries(entries) as Configured<Options, keyof Options & keyof Values>;
}

/** `sample_slow` → `sampleSlowMs` */
export function configKeyOf(key: string, node: Declaration | undefined): string {
  const unit = node?.kind === 'option' ? node.unit : '';
  return `${key.replace(/_(\w)/g, (_whole, letter: string) => letter.toUpperCase())}${unit}`;
}

export interface PlacedOption {
  /** Keys from the root; `*` stands for any item of a list or any name of a mapping. */
  readonly path: readonly string[];
  readonly option: ConfigOption;
}

/** Every option below `options`, in the order of declaration, including those of the items of lists. */
export function placedOptions(options: Declarations, path: readonly string[] = []): PlacedOption[] {
  return Object.entries(options).flatMap(([key, node]): PlacedOption[] => {
    const here = [...path, key];
    if (node.kind === 'section') return placedOptions(node.options, here);
    const inItems = node.items === undefined ? [] : placedOptions(node.items.options, [...here, '*']);
    return [{ path: here, option: node }, ...inItems];
  });
}
