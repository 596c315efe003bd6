/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Python module _mayfly: what its generated methods (gen/python-calls.c)
 * and its files share.  Only the stable ABI of Python is used, so one build
 * serves every later Python. */
#pragma once
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include <mayfly.h>
#include <stdbool.h>
#include <stdint.h>

/* A handle.  LOCK is held while a call runs, by the thread OWNER. */
struct python_handle {
    PyObject_HEAD struct mayfly *g;
    PyThread_type_lock lock;
    unsigned long owner;
    PyObject *callbacks; /* a dictionary: numbers of events to functions */
    /* What a callback raised in the running call; NULL: nothing. */
    PyObject *raised;
};

/* Lock the handle for a call; -1 with an exception if it is closed, or if this
 * is a callback of a call. */
int python_begin(struct python_handle *self);

/* Unlock it; -1 with an exception if R, the call's result, is not 0 or a
 * callback has raised one. */
int python_end(struct python_handle *self, int r);

/* Converters for PyArg_ParseTuple.  Those that allocate do so by malloc. */
int python_to_i32(PyObject *o, void *ret);
int python_to_u32(PyObject *o, void *ret);
int python_to_i64(PyObject *o, void *ret);
int python_to_u64(PyObject *o, void *ret);
int python_to_string(PyObject *o, void *ret);
int python_to_list(PyObject *o, void *ret);
int python_to_string_or_none(PyObject *o, void *ret);
int python_to_list_or_none(PyObject *o, void *ret);

/* An option; None counts as not given. */
struct python_bool {
    bool given, value;
};
struct python_i32 {
    bool given;
    int32_t value;
};
struct python_u32 {
    bool given;
    uint32_t value;
};
struct python_i64 {
    bool given;
    int64_t value;
};
struct python_u64 {
    bool given;
    uint64_t value;
};
int python_to_option_bool(PyObject *o, void *ret);
int python_to_option_i32(PyObject *o, void *ret);
int python_to_option_u32(PyObject *o, void *ret);
int python_to_option_i64(PyObject *o, void *ret);
int python_to_option_u64(PyObject *o, void *ret);

/* Results: new references, or NULL with an exception.  A string that is not
 * UTF-8 has its other bytes as surrogates, and arguments may have them. */
PyObject *python_string(const char *s);
PyObject *python_strings(char *const *list);
PyObject *python_pairs(char *const *list);
PyObject *python_structures(const void *items, size_t n, size_t size,
    PyObject *(*convert)(const void *item));

/* Put FIELD, a new reference, into a structure; NULL is put there, too. */
void python_set(PyObject *structure, Py_ssize_t i, PyObject *field);
/* The structure if no field is NULL; else it is freed. */
PyObject *python_whole(PyObject *structure);

int python_add_structure(PyObject *module, const char *name,
    PyStructSequence_Desc *description, PyTypeObject **ret);

/* Generated. */
extern PyMethodDef python_calls[];
int python_add_structures(PyObject *module);
