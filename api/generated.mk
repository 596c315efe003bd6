# SPDX-License-Identifier: LGPL-2.1-or-later
# What further emitters add: their Python file, and what they make.
API_GENERATOR += api/emit_shell.py api/emit_docs.py api/emit_pages.py \
	api/emit_examples.py api/emit_python.py api/describe.py api/errnos.py api/roff.py
GENERATED += gen/commands.h gen/commands.c gen/mayfish-commands.roff \
	gen/examples.c gen/examples.json \
	gen/python-calls.c gen/python/__init__.pyi
