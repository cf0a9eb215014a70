/**
 * Files of installed packages and of the standard library, by their paths. Usual layouts are known by name. The standard
 * library of any other installation is found by its content, within the traceback that contains it.
 */
import type { Frame, ParsedException } from './parsed-exception.ts';
import { standardFunctions, standardModules } from './standard-modules.ts';

/** pex unpacks `installed_wheels/<hash>/requests-2.31.0-py3-none-any.whl/requests/api.py`. */
const installed = /\/(?:site-packages|dist-packages|installed_wheels(?:\/[^/]+\/[^/]+\.whl)?)\//;
const standardLibrary = /\/(?:lib(?:32|64)?\/(?:python|pypy)\d[\d.]*|lib-python|python\d+\/lib)\/|\/python\d+\.zip\//i;

/** The longest path of any system. */
const pathCharsMax = 4_096;

/** The path with slashes, without a drive. */
export function slashed(file: string): string {
  const path = file.slice(-pathCharsMax);
  return path.includes('\\') ? path.replaceAll('\\', '/').replace(/^[A-Za-z]:/, '') : file;
}

/** Offset of the package directory in the slashed path of an installed package; undefined for any other file. */
export function installedOffset(path: string): number | undefined {
  const match = installed.exec(path);
  return match === null ? undefined : match.index + match[0].length;
}

/** As `installedOffset`, and also for a module of the standard library. */
export function libraryOffset(path: string): number | undefined {
  const offset = installedOffset(path);
  if (offset !== undefined) return offset;
  const match = standardLibrary.exec(path);
  return match === null ? undefined : match.index + match[0].length;
}

/** True for a frame of an installed package, of the standard library or of the interpreter itself. */
export function isLibraryFrame({ file, libraryAt }: Frame): boolean {
  return file.startsWith('<') || libraryAt !== undefined || libraryOffset(slashed(file)) !== undefined;
}

/**
 * The exception with `libraryAt` in frames of a standard library that no usual layout shows: that of an own folder, or of
 * Windows, where it is `Lib` below any folder. A directory is a standard library if it contains the installed packages, a
 * well-known function, or is called `Lib`; and if no file of the project is beside or below it.
 */
export function locateStandardLibrary(exception: ParsedException): ParsedException {
  if (!hasHint(exception)) return exception;
  const others: Place[] = [];
  collectOthers(exception, others);
  const roots = rootsIn(exception, others);
  return roots.length === 0 ? exception : withOffsets(exception, roots);
}

/** True if a file could belong to an unusual standard library. Most tracebacks have none, and end here. */
function hasHint({ frames, cause, context, exceptions }: ParsedException): boolean {
  return (
    frames.some(isHint) ||
    (cause !== undefined && hasHint(cause)) ||
    (context !== undefined && hasHint(context)) ||
    (exceptions?.some(hasHint) ?? false)
  );
}

function isHint({ file, function: name }: Frame): boolean {
  if (!standardFunctions.has(name) && !libDirectories.test(file)) return false;
  return !file.startsWith('<') && libraryOffset(slashed(file)) === undefined;
}

const libDirectories = /[\\/](?:lib|lib64|(?:python|pypy)[\d.]+)[\\/](?!python\d|site-packages)/i;

interface Place {
  readonly path: string;
  readonly frame: Frame;
}

/** The frames that no usual layout shows as installed. */
function collectOthers({ frames, cause, context, exceptions }: ParsedException, others: Place[]): void {
  for (const frame of frames) {
    const path = slashed(frame.file);
    if (!path.startsWith('<') && libraryOffset(path) === undefined) others.push({ path, frame });
  }
  if (cause !== undefined) collectOthers(cause, others);
  if (context !== undefined) collectOthers(context, others);
  for (const member of exceptions ?? []) collectOthers(member, others);
}

/** Directories of standard libraries, each with a slash at its end. */
function rootsIn(exception: ParsedException, others: readonly Place[]): readonly string[] {
  const beside = new Set([...filesOf(exception)].flatMap((file) => parentOfPackages(slashed(file)) ?? []));
  const candidates = new Set(
    [...others.flatMap(candidatesOf), ...beside].filter((root) => others.some(({ path }) => isBelow(path, root))),
  );
  return [...candidates].filter((root) => {
    const isLib = !beside.has(root) && libDirectory.test(root);
    const around = isLib ? root.slice(0, -'lib/'.length) : root;
    return others.every(({ path }) => !path.startsWith(around) || isBelow(path, root));
  });
}

function* filesOf({ frames, cause, context, exceptions = [] }: ParsedException): Generator<string> {
  for (const { file } of frames) yield file;
  for (const link of [cause, context, ...exceptions]) {
    if (link !== undefined) yield* filesOf(link);
  }
}

const windowsPath = /\\|^[A-Za-z]:\//;
const libDirectory = /\/lib\/$/i;

/** The directories that would be the standard library if the file of the frame belonged to one. */
function candidatesOf({ path, frame }: Place): readonly string[] {
  const lib = windowsPath.test(frame.file) ? path.toLowerCase().lastIndexOf('/lib/') : -1;
  const tails = standardFunctions.get(frame.function) ?? [];
  return [
    ...(lib < 0 ? [] : [path.slice(0, lib + '/lib/'.length)]),
    ...tails.filter((tail) => path.endsWith(`/${tail}`)).map((tail) => path.slice(0, -tail.length)),
  ];
}

/** `C:\env\Lib\` of `C:\env\Lib\site-packages\celery\app.py`. */
function parentOfPackages(path: string): string | undefined {
  return /^(.*\/(?:lib|lib64|(?:python|pypy)[\d.]+)\/)(?:site|dist)-packages\//i.exec(path)?.[1];
}

/** True for a standard module in the directory `root`. */
function isBelow(path: string, root: string): boolean {
  if (!path.startsWith(root)) return false;
  const [top = ''] = path.slice(root.length).split('/', 1);
  return standardModules.has(top.replace(/\.py[cox]?$/, ''));
}

function withOffsets(exception: ParsedException, roots: readonly string[]): ParsedException {
  const { cause, context, exceptions } = exception;
  return {
    ...exception,
    frames: exception.frames.map((frame) => {
      const path = slashed(frame.file);
      const root = roots.find((one) => isBelow(path, one));
      return root === undefined || libraryOffset(path) !== undefined ? frame : { ...frame, libraryAt: root.length };
    }),
    ...(cause !== undefined && { cause: withOffsets(cause, roots) }),
    ...(context !== undefined && { context: withOffsets(context, roots) }),
    ...(exceptions !== undefined && { exceptions: exceptions.map((member) => withOffsets(member, roots)) }),
  };
}
