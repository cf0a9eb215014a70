// How Node's engine is set for a process that works on one core beside others. Plain JavaScript, to be imported before all else.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

// From the second start on nothing is compiled or stripped of its types, and the tool that does that is not loaded: 25 MB of
// memory and half of the time. Where the folder cannot be written, everything is as without it.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/taskvigil', import.meta.url)));

// Young garbage is collected by one thread. What lives that long is a few megabytes; helpers on other cores would spend more
// time on waiting for each other than they save, about a tenth of all processor time of a busy daemon.
setFlagsFromString('--no-parallel-scavenge');

// `class … extends String`, which ioredis has, makes `String.prototype` a dictionary, and from then on every look at a text, its
// length or a character, costs five times as much in all of the process. What was looked through as a prototype often enough
// is not touched any more (V8: "should be fast prototype map").
const lookThrough = (text) => text.trim;
for (let times = 0; times < 1_000; times += 1) lookThrough(new String(''));
