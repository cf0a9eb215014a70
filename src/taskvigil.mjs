// The entry of every start. Plain JavaScript, so that Node's compile cache stands before the first file with types is read: from
// the second start on nothing is compiled or stripped of its types, and the tool that does that is not loaded, 25 MB of memory
// and half of the time. Where the folder cannot be written, everything is as without it.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/taskvigil', import.meta.url)));
await import('./main.ts');
