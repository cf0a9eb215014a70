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
  const paths = [...pathsOf(exception)];
  const roots = rootsIn(paths);
  return roots.length === 0 ? exception : withOffsets(exception, roots);
}

interface Place {
  readonly path: string;
  readonly frame: Frame;
}

function* pathsOf({ frames, cause, context, exceptions = [] }: ParsedException): Generator<Place> {
  for (const frame of frames) {
    if (!frame.file.startsWith('<')) yield { path: slashed(frame.file), frame };
  }
  for (const link of [cause, context, ...exceptions]) {
    if (link !== undefined) yield* pathsOf(link);
  }
}

/** Directories of standard libraries, each with a slash at its end. */
function rootsIn(places: readonly Place[]): readonly string[] {
  const others = places.filter(({ path }) => libraryOffset(path) === undefined);
  const beside = new Set(places.flatMap(({ path }) => parentOfPackages(path) ?? []));
  const candidates = new Set(
    [...others.flatMap(candidateOf), ...beside].filter((root) => others.some(({ path }) => isBelow(path, root))),
  );
  return [...candidates].filter((root) => {
    const hasPackages = beside.has(root);
    const around = !hasPackages && libDirectory.test(root) ? root.slice(0, -'lib/'.length) : root;
    return others.every(({ path }) => !path.startsWith(around) || isBelow(path, root));
  });
}

const windowsPath = /\\|^[A-Za-z]:\//;
const libDirectory = /\/lib\/$/i;

/** The directory that would be the standard library if the file of the frame belonged to one. */
function candidateOf({ path, frame }: Place): readonly string[] {
  const found: string[] = [];
  const lib = windowsPath.test(frame.file) ? path.toLowerCase().lastIndexOf('/lib/') : -1;
  if (lib >= 0) found.push(path.slice(0, lib + '/lib/'.length));
  for (const tail of tailsOf(path)) {
    if (standardFunctions.has(`${tail} ${frame.function}`)) found.push(path.slice(0, -tail.length));
  }
  return found.filter((directory) => directory !== '');
}

/** The last one, two and three parts of the path, which is as deep as modules of the standard library are. */
function tailsOf(path: string): readonly string[] {
  const tails: string[] = [];
  for (let at = path.lastIndexOf('/'); at >= 0 && tails.length < 3; at = path.lastIndexOf('/', at - 1)) {
    tails.push(path.slice(at + 1));
    if (at === 0) break;
  }
  return tails;
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
