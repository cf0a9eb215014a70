/**
 * Finds the project's frames in a stack and names their modules. The result does not depend on the installation: release
 * directories, virtual environments, containers and Windows give the same.
 */
import { installedOffset, libraryOffset, slashed } from '../event/python/library-paths.ts';
import type { Frame, ParsedException } from '../event/python/parsed-exception.ts';

export interface ProjectFrame {
  readonly module: string;
  readonly function: string;
  readonly source: string;
}

/** Celery and its libraries are never part of the project, also if they are vendored or checked out beside it. */
const celeryCode =
  /\/(?:kombu|billiard|vine|amqp)\/|\/celery\/(?:(?:app|apps|backends|bin|concurrency|contrib|events|fixups|loaders|security|utils|worker)\/|(?:canvas|local|result)\.py$)/;
const celeryPackages: ReadonlySet<string> = new Set(['celery', 'kombu', 'billiard', 'vine', 'amqp']);
const compiled = /\.p(?:yx|xi|xd)$/;

/** True for a frame of the project's code. The root package of `taskName` decides if the path alone does not. */
export function isInApp(frame: Frame, taskName: string | undefined): boolean {
  const path = slashed(frame.file);
  if (path.startsWith('<')) return false;
  const root = rootPackage(taskName);
  const place = placeOf(frame, path);
  // The project itself may be installed as a package.
  if (place !== undefined) return root !== undefined && !celeryPackages.has(root) && packageOf(path, place) === root;
  const isRoots = root !== undefined && `/${path}`.includes(`/${root}/`);
  // A compiled extension contains paths of the build machine, and the module as part of the function name.
  if (compiled.test(path) || frame.function.includes('.')) return isRoots || frame.function.split('.', 1)[0] === root;
  return isRoots || !celeryCode.test(`/${path}`);
}

/**
 * The dotted module of a frame's file. The name starts at the package directory for installed code, and at the root package
 * of the task for project code: `/srv/releases/7/depot/booking.py` of the task `depot.booking.book` is `depot.booking`.
 */
export function moduleOf(frame: Frame, taskName: string | undefined): string {
  const path = slashed(frame.file);
  if (path.startsWith('<')) return path;
  return relativePath(frame, taskName)
    .replace(/(?:\/__init__)?\.py[cox]?$/, '')
    .replaceAll('/', '.');
}

/**
 * The last two parts of the module name: enough to distinguish modules, and independent of the installation even without a
 * task name that shows the project's root directory.
 */
function shortModuleOf(frame: Frame, taskName: string | undefined): string {
  const module = moduleOf(frame, taskName);
  return module.startsWith('<') ? module : module.split('.').slice(-2).join('.');
}

/** The path of the file within its project or package: `depot/booking.py`. */
export function relativeFile(frame: Frame, taskName: string | undefined): string {
  const path = slashed(frame.file);
  return path.startsWith('<') ? path : relativePath(frame, taskName);
}

function relativePath(frame: Frame, taskName: string | undefined): string {
  const path = slashed(frame.file);
  const place = placeOf(frame, path);
  if (place !== undefined) return path.slice(place);
  const root = rootPackage(taskName);
  if (root !== undefined) {
    const at = `/${path}`.lastIndexOf(`/${root}/`);
    if (at >= 0) return path.slice(at);
    if (path.endsWith(`/${root}.py`)) return `${root}.py`;
  }
  return withoutDeployment(path);
}

/** Offset of the package directory in the path of an installed or standard module; undefined for other files. */
function placeOf({ libraryAt }: Frame, path: string): number | undefined {
  return libraryAt ?? libraryOffset(path);
}

function packageOf(path: string, place: number): string {
  const part = path.slice(place).split('/', 1)[0] ?? '';
  return part.replace(/\.py$/, '');
}

/**
 * A prefix in place of the task name, if no event carried the name: the package of the first function that Celery calls.
 * Undefined if that package is not installed, because the path identifies the project then.
 */
export function impliedName(exception: ParsedException): string | undefined {
  for (const { file } of exception.frames) {
    const path = slashed(file);
    if (celeryCode.test(`/${path}`) || monitoringLibraries.test(path)) continue;
    const place = installedOffset(path);
    return place === undefined ? undefined : `${packageOf(path, place)}.`;
  }
  return undefined;
}

/** Monitoring libraries whose frames lie between Celery and the task. */
const monitoringLibraries =
  /\/(?:sentry_sdk|opentelemetry|newrelic|ddtrace|elasticapm|wrapt|scout_apm|asgiref|celery_\w+)\//;

// Directories above a project that do not belong to it: a container's work directory, a release, the hash of a checkout.
const holdingDirectories =
  /^(?:app|code|current|home|opt|project|release|releases|root|src|srv|usr|var|work|workspace|www)$/;
const release = /^(?:v?\d+(?:[._-]\d+)*|[0-9a-f]{7,64})$/;

/** Without a task name, common deployment layouts decide where the project starts. */
function withoutDeployment(path: string): string {
  const parts = path.replace(/^\/(?:home|Users)\/[^/]+\//, '').split('/');
  const directories = parts.slice(0, -1);
  const last = directories.findLastIndex(
    (part, at) => release.test(part) || part === 'current' || part === 'src' || parts[at - 1] === 'releases',
  );
  let start = last + 1;
  while (start < directories.length && (parts[start] === '' || holdingDirectories.test(parts[start] ?? ''))) start += 1;
  return parts.slice(start).join('/');
}

function rootPackage(taskName: string | undefined): string | undefined {
  const root = taskName?.split('.', 1)[0];
  return root === undefined || root === taskName || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(root) ? undefined : root;
}

/** Comprehensions have frames of their own up to Python 3.11 only. A lambda is part of the line that contains it. */
const inline = /^<(?:listcomp|dictcomp|setcomp|genexpr|lambda)>$/;
/** Decorators and middlewares that only forward the call. They come and go without a change of the defect. */
const trampoline =
  /^(?:[\w.]+ = |return |yield from |yield )?(?:await )?[\w.]+\((?:[\w., ]+, )?\*\w+(?:, \*\*\w+)?\)$|super\(\)\.__call__\(|^return self\.run\(/;
/** A longer cycle of mutually recursive functions is kept as it is. */
const cycleMax = 6;

/** A longer line is generated or minified; its beginning identifies it. */
const sourceCharsMax = 500;

/** The project's frames, oldest first, without comprehensions, forwarding decorators and recursion. */
export function projectPath(exception: ParsedException, taskName: string | undefined): readonly ProjectFrame[] {
  const path: ProjectFrame[] = [];
  for (const frame of exception.frames) {
    if (!isInApp(frame, taskName)) continue;
    const source = (frame.source ?? '').slice(0, sourceCharsMax);
    const module = shortModuleOf(frame, taskName);
    if (inline.test(frame.function)) {
      // Later Python versions report this line as the failing line of the enclosing function.
      const enclosing = path.at(-1);
      const isPart = enclosing?.module === module;
      if (isPart) path.splice(-1, 1, { ...enclosing, source });
      if (isPart || frame.function !== '<lambda>') continue;
    }
    if (trampoline.test(source)) continue;
    const earlier = path.findLastIndex((one) => one.module === module && one.function === frame.function);
    // In a recursion the innermost call failed, so it replaces the earlier one.
    if (earlier >= 0 && path.length - earlier <= cycleMax) path.splice(earlier);
    path.push({ module, function: frame.function, source });
  }
  return path;
}
