/** Trace and span ids, computed from task ids: any number of instances give the same task the same ids. */
import { hash } from 'node:crypto';
import type { TaskId } from '../event/ids.ts';

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const zeros = '0'.repeat(32);

let lastRoot: TaskId | undefined;
let lastTrace = '';

/** 32 hex digits: the root id itself if it is a UUID, so that an operator can search for it; otherwise a hash of it. */
export function traceIdOf(rootId: TaskId): string {
  // Called several times in a row for one task, so the last result is cached.
  if (rootId === lastRoot) return lastTrace;
  lastRoot = rootId;
  lastTrace = computeTraceId(rootId);
  return lastTrace;
}

function computeTraceId(rootId: TaskId): string {
  if (uuid.test(rootId)) {
    const digits = rootId.replaceAll('-', '').toLowerCase();
    // All zeros stands for "no trace" in the trace context format.
    if (digits !== zeros) return digits;
  }
  return hash('sha256', `trace\0${rootId}`).slice(0, 32);
}

/** 16 hex digits for one part of a task: the task itself, one attempt, one send, one wait. */
export function spanIdOf(taskId: TaskId, part: string): string {
  if (taskId !== lastTask) {
    lanes.a = 0x9e3779b9;
    lanes.b = 0x85ebca6b;
    take(`${taskId}\0`);
    lastTask = taskId;
    taskA = lanes.a;
    taskB = lanes.b;
  }
  lanes.a = taskA;
  lanes.b = taskB;
  take(part);
  const high = mixed(lanes.a ^ lanes.b);
  // All zeros stands for "no span" in the trace context format.
  const low = mixed(lanes.b + Math.imul(lanes.a, 5)) | 1;
  return hexOf(high) + hexOf(low);
}

/**
 * Two lanes of 32 bits, each multiplied and mixed like MurmurHash3. The hash needs an even distribution, not secrecy: it is
 * computed several times per attempt, and SHA-256 would cost as much as decoding the event. The state after the task id is
 * cached, because the parts of one task are hashed in a row.
 */
const lanes = { a: 0, b: 0 };
let lastTask: TaskId | undefined;
let taskA = 0;
let taskB = 0;

function take(text: string): void {
  let { a, b } = lanes;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 0xcc9e2d51);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ code, 0x1b873593);
    b = (b << 15) | (b >>> 17);
  }
  lanes.a = a;
  lanes.b = b;
}

function mixed(value: number): number {
  let mix = value;
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
  return mix ^ (mix >>> 16);
}

const bytes = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Eight hex digits, at a seventh of the cost of `toString(16)` with padding. */
function hexOf(value: number): string {
  const byte = (shift: number): string => bytes[(value >>> shift) & 255] as string;
  return byte(24) + byte(16) + byte(8) + byte(0);
}

/** The part of a task's own span. Each publication of an id has its own span. */
export function taskPart(publication: number): string {
  return `task.${publication}`;
}
