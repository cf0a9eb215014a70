import { defaultModes } from '../../src/redact/field.ts';
import type { RedactOptions } from '../../src/redact/options.ts';

/** Redaction without any option of the operator. */
export const defaultRedactOptions: RedactOptions = { modes: defaultModes, sensitiveKeys: [], safeKeys: [] };
