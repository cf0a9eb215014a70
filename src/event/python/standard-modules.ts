/** Modules of the standard library, from `sys.stdlib_module_names` of Python 3.11, with those of 3.12 to 3.14. */

const names = `
__future__ _collections_abc _pydatetime _pydecimal _pyio _strptime _threading_local _weakrefset abc aifc annotationlib
antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect builtins bz2
cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall compression concurrent
configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis
distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib
functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib
imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap
marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers
opcode operator optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix
posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline
reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr
socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct
subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap this threading
time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata
unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile
zipimport zlib zoneinfo
`;

export const standardModules: ReadonlySet<string> = new Set(names.trim().split(/\s+/));

/** Functions that are often on a stack, with their files. Both together identify a file of the standard library. */
export const standardFunctions: ReadonlyMap<string, readonly string[]> = new Map([
  ['__aexit__', ['asyncio/timeouts.py']],
  ['__get_result', ['concurrent/futures/_base.py']],
  ['_bootstrap_inner', ['threading.py']],
  ['_execute_child', ['subprocess.py']],
  ['_send_output', ['http/client.py']],
  ['_send_request', ['http/client.py']],
  ['acquire', ['asyncio/locks.py']],
  ['callHandlers', ['logging/__init__.py']],
  ['check_output', ['subprocess.py']],
  ['create_connection', ['socket.py']],
  ['decode', ['json/decoder.py']],
  ['do_handshake', ['ssl.py']],
  ['do_open', ['urllib/request.py']],
  ['dumps', ['json/__init__.py']],
  ['encode', ['json/encoder.py']],
  ['get', ['multiprocessing/pool.py']],
  ['get_content', ['email/message.py']],
  ['getaddrinfo', ['socket.py']],
  ['getresponse', ['http/client.py']],
  ['http_error_default', ['urllib/request.py']],
  ['import_module', ['importlib/__init__.py']],
  ['iterencode', ['json/encoder.py']],
  ['load', ['json/__init__.py']],
  ['load_tzdata', ['zoneinfo/_common.py']],
  ['loads', ['json/__init__.py']],
  ['open_connection', ['asyncio/streams.py']],
  ['parse', ['xml/etree/ElementTree.py']],
  ['raw_decode', ['json/decoder.py']],
  ['run', ['asyncio/runners.py', 'concurrent/futures/thread.py']],
  ['run_until_complete', ['asyncio/base_events.py']],
  ['sendmail', ['smtplib.py']],
  ['sock_connect', ['asyncio/selector_events.py']],
  ['urlopen', ['urllib/request.py']],
  ['wait_for', ['asyncio/tasks.py']],
  ['worker', ['multiprocessing/pool.py']],
]);
