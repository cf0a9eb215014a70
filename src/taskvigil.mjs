// The entry of every start. Plain JavaScript, so that the compile cache stands before the first file with types is read.
import './engine.mjs';

await import('./main.ts');
