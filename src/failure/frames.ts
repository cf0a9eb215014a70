/**
 * Which frames of a stack belong to the project, and what their modules are called. The same release gives the same
 * answer wherever it is installed: release directories, virtual environments, containers and Windows alike.
 */
import type { Frame, ParsedException } from '../event/python/traceback.ts';

export interface ProjectFrame {
  readonly module: string;
  readonly function: string;
  readonly source: string;
}

/** pex unpacks `installed_wheels/<hash>/requests-2.31.0-py3-none-any.whl/requests/api.py`. */
const installed = /\/(?:site-packages|dist-packages|installed_wheels(?:\/[^/]+\/[^/]+\.whl)?)\//;
const standardLibrary = /\/(?:lib(?:32|64)?\/(?:python|pypy)\d[\d.]*|lib-python|python\d+\/lib)\/|\/python\d+\.zip\//i;
/** The machinery that runs the task is never the project, also when it is vendored or checked out beside it. */
const machinery =
  /\/(?:kombu|billiard|vine|amqp)\/|\/celery\/(?:(?:app|apps|backends|bin|concurrency|contrib|events|fixups|loaders|security|utils|worker)\/|(?:canvas|local|result)\.py$)/;
const machines: ReadonlySet<string> = new Set(['celery', 'kombu', 'billiard', 'vine', 'amqp']);
const compiled = /\.p(?:yx|xi|xd)$/;

/** True for a frame of the project's own code; `taskName` decides where a file could be either. */
export function isInApp(frame: Frame, taskName: string | undefined): boolean {
  const path = slashed(frame.file);
  if (path.startsWith('<')) return false;
  const root = rootPackage(taskName);
  const place = installedAt(path);
  // A project that is installed as a package is still the project.
  if (place !== undefined) return root !== undefined && !machines.has(root) && packageOf(path, place) === root;
  const isRoots = root !== undefined && `/${path}`.includes(`/${root}/`);
  // A compiled extension carries the relative paths of its builder's machine, and the module in the function's name.
  if (compiled.test(path) || frame.function.includes('.')) return isRoots || frame.function.split('.', 1)[0] === root;
  return isRoots || !machinery.test(`/${path}`);
}

/**
 * The dotted module of a frame's file. Installed code is named from its package directory on, the project's own from the
 * root package of the task on (`/srv/releases/7/depot/booking.py` with task `depot.booking.book` is `depot.booking`).
 */
export function moduleOf(frame: Frame, taskName: string | undefined): string {
  const path = slashed(frame.file);
  if (path.startsWith('<')) return path;
  return relativePath(path, taskName)
    .replace(/(?:\/__init__)?\.py[cox]?$/, '')
    .replaceAll('/', '.');
}

/**
 * The last two parts of a module's name: enough to tell it from others, and the same for every place of installation, also
 * where no task name tells at which directory the project begins.
 */
export function shortModuleOf(frame: Frame, taskName: string | undefined): string {
  const module = moduleOf(frame, taskName);
  return module.startsWith('<') ? module : module.split('.').slice(-2).join('.');
}

/** The file's path as its project or package knows it: `depot/booking.py`. */
export function relativeFile(frame: Frame, taskName: string | undefined): string {
  const path = slashed(frame.file);
  return path.startsWith('<') ? path : relativePath(path, taskName);
}

function relativePath(path: string, taskName: string | undefined): string {
  const place = installedAt(path);
  if (place !== undefined) return path.slice(place);
  const root = rootPackage(taskName);
  if (root !== undefined) {
    const at = `/${path}`.lastIndexOf(`/${root}/`);
    if (at >= 0) return path.slice(at);
    if (path.endsWith(`/${root}.py`)) return `${root}.py`;
  }
  return withoutDeployment(path);
}

/** Where the path of an installed or a standard module begins within its file's; undefined for other files. */
function installedAt(path: string): number | undefined {
  const match = installed.exec(path) ?? standardLibrary.exec(path);
  return match === null ? undefined : match.index + match[0].length;
}

function packageOf(path: string, place: number): string {
  const part = path.slice(place).split('/', 1)[0] ?? '';
  return part.replace(/\.py$/, '');
}

/**
 * A name that begins like the task's own would, for an event that lost it: made of the package that the task's function is
 * installed in, which is the first one that Celery calls. undefined for code that is not installed: its path will do.
 */
export function impliedName(exception: ParsedException): string | undefined {
  for (const { file } of exception.frames) {
    const path = slashed(file);
    if (machinery.test(`/${path}`) || around.test(path)) continue;
    const match = installed.exec(path);
    return match === null ? undefined : `${packageOf(path, match.index + match[0].length)}.`;
  }
  return undefined;
}

/** Who stands between Celery and the task when a process is watched. */
const around = /\/(?:sentry_sdk|opentelemetry|newrelic|ddtrace|elasticapm|wrapt|scout_apm|asgiref|celery_\w+)\//;

// Directories that hold a project rather than belong to it: a container's work directory, a release, a checkout's hash.
const holders = /^(?:app|code|current|home|opt|project|release|releases|root|src|srv|usr|var|work|workspace|www)$/;
const release = /^(?:v?\d+(?:[._-]\d+)*|[0-9a-f]{7,64})$/;

/** Without the task's name, only the habits of deployment tell where the project begins. */
function withoutDeployment(path: string): string {
  const parts = path.replace(/^\/(?:home|Users)\/[^/]+\//, '').split('/');
  const directories = parts.slice(0, -1);
  const last = directories.findLastIndex(
    (part, at) => release.test(part) || part === 'current' || part === 'src' || parts[at - 1] === 'releases',
  );
  let start = last + 1;
  while (start < directories.length && (parts[start] === '' || holders.test(parts[start] ?? ''))) start += 1;
  return parts.slice(start).join('/');
}

function rootPackage(taskName: string | undefined): string | undefined {
  const root = taskName?.split('.', 1)[0];
  return root === undefined || root === taskName || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(root) ? undefined : root;
}

/** No system has longer paths. */
const pathCharsMax = 4_096;

function slashed(file: string): string {
  const path = file.slice(-pathCharsMax);
  return path.includes('\\') ? path.replaceAll('\\', '/').replace(/^[A-Za-z]:/, '') : file;
}

/** Comprehensions are frames up to Python 3.11 and none from 3.12 on; a lambda is a part of the line it stands in. */
const inline = /^<(?:listcomp|dictcomp|setcomp|genexpr|lambda)>$/;
/** Decorators and middlewares that only pass the call on come and go without changing what is broken. */
const trampoline =
  /^(?:[\w.]+ = |return |yield from |yield )?(?:await )?[\w.]+\((?:[\w., ]+, )?\*\w+(?:, \*\*\w+)?\)$|super\(\)\.__call__\(|^return self\.run\(/;
/** A cycle of mutually recursive functions longer than this counts as depth. */
const cycleMax = 6;

/** A longer line is generated, or minified, and its beginning will do. */
const sourceCharsMax = 500;

/** The project's part of the stack, oldest first, without comprehensions, trampolines and recursion. */
export function projectPath(exception: ParsedException, taskName: string | undefined): readonly ProjectFrame[] {
  const path: ProjectFrame[] = [];
  for (const frame of exception.frames) {
    if (!isInApp(frame, taskName)) continue;
    const source = (frame.source ?? '').slice(0, sourceCharsMax);
    const module = shortModuleOf(frame, taskName);
    if (inline.test(frame.function)) {
      // Its line is where the function around it failed, which is what later versions say.
      const around = path.at(-1);
      const isPart = around?.module === module;
      if (isPart) path.splice(-1, 1, { ...around, source });
      if (isPart || frame.function !== '<lambda>') continue;
    }
    if (trampoline.test(source)) continue;
    const seen = path.findLastIndex((known) => known.module === module && known.function === frame.function);
    // The innermost call is the one that failed: it takes the place of the earlier one.
    if (seen >= 0 && path.length - seen <= cycleMax) path.splice(seen);
    path.push({ module, function: frame.function, source });
  }
  return path;
}
