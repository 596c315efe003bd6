#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Turn the definition of the calls into everything that is made from it.

usage: mkapi.py --out DIR FILE.api...     write all below DIR
       mkapi.py --check FILE.api...       only read and check
       mkapi.py --handlers DIR FILE.api...
                                          check that the handlers in DIR are
                                          in the files of their families
"""

import glob
import importlib
import os
import sys

import emit_c
import handlers
import model

EMITTERS = ("emit_c", "emit_shell", "emit_docs", "emit_pages",
            "emit_examples", "emit_python")


def main(argv):
    if len(argv) >= 2 and argv[0] == "--check":
        outdir, paths = None, argv[1:]
    elif len(argv) >= 3 and argv[0] == "--handlers":
        outdir, paths = None, argv[2:]
    elif len(argv) >= 3 and argv[0] == "--out":
        outdir, paths = argv[1], argv[2:]
    else:
        sys.exit(__doc__.strip())
    try:
        api = model.load(paths)
    except model.DefinitionError as e:
        sys.exit(str(e))
    if argv[0] == "--handlers":
        faults = handlers.check(api, argv[1])
        sys.exit("\n".join(faults) if faults else 0)
    if outdir is None:
        print(f"{len(api.public)} calls, {len(api.of('struct'))} structures")
        return
    here = os.path.dirname(os.path.abspath(__file__))
    for name in EMITTERS:
        if os.path.exists(os.path.join(here, name + ".py")):
            importlib.import_module(name).emit(api, outdir)
    # The page of a call that is gone must not be installed.
    for path in glob.glob(os.path.join(outdir, "man", "*.3")):
        if path not in emit_c.written:
            os.remove(path)


if __name__ == "__main__":
    main(sys.argv[1:])
