export const help = `taskvigil: watches Celery from the side; traces, logs, Sentry issues and few Slack messages

  taskvigil run -c config.yaml             watch, until SIGTERM
  taskvigil check -c config.yaml [--without-secrets]
                                           is this configuration right, and what does it mean?
  taskvigil why --task NAME [--exception CLASS] [--queue NAME] [--pool NAME] -c config.yaml
                                           what this policy does with a failure, and which entry says so
  taskvigil why ID [--port 9464 | --from DIR]
                                           why a running taskvigil, or a replay written to DIR, told or did not tell
                                           of an incident or a task
  taskvigil schema                         the JSON Schema of the configuration, for editors
  taskvigil demo [--port 8080]             a recorded stream through the whole pipeline, on a local page
  taskvigil record -c config.yaml [-o F] [--decisions F]
                                           redacted events, and what else decisions depend on, as NDJSON
  taskvigil replay FILE… --out DIR [-c config.yaml]
                                           what would have left, without any network
  taskvigil backtest FILE… [-c a.yaml] [--against b.yaml] [--per-week N] [--format json]
                                           what one policy would have told, or what two would have told differently, and
                                           thresholds from your own history
  taskvigil redact [--ndjson] [--explain] [-c config.yaml]
                                           standard input without its secrets; --explain says what was found
  taskvigil leak-canary [-c config.yaml] [--format json]
                                           made-up secrets through this configuration: does any get out?
  taskvigil fingerprint --ndjson [--parse] [-c config.yaml]
                                           events in, groups out; with --parse: tracebacks in, their parts out
  taskvigil fingerprint explain [--task NAME] [-c config.yaml]
                                           a traceback or an event on standard input: its group, class, and why
  taskvigil version

Exit codes: 0 done, 1 the answer is no, 64 wrong usage, 70 a bug, 78 wrong configuration, 130/143 ended by a second signal.
`;
