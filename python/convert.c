/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "python/native.h"

/* --- from Python --- */

static int
signed_number(PyObject *o, long long low, long long high, long long *ret)
{
    long long n = PyLong_AsLongLong(o);

    if (n == -1 && PyErr_Occurred())
        return 0;
    if (n < low || n > high) {
        PyErr_Format(
            PyExc_OverflowError, "%lld is not from %lld to %lld", n, low, high);
        return 0;
    }
    *ret = n;
    return 1;
}

int
python_to_i32(PyObject *o, void *ret)
{
    long long n;

    if (!signed_number(o, INT32_MIN, INT32_MAX, &n))
        return 0;
    *(int32_t *)ret = (int32_t)n;
    return 1;
}

int
python_to_u32(PyObject *o, void *ret)
{
    long long n;

    if (!signed_number(o, 0, UINT32_MAX, &n))
        return 0;
    *(uint32_t *)ret = (uint32_t)n;
    return 1;
}

int
python_to_i64(PyObject *o, void *ret)
{
    long long n;

    if (!signed_number(o, INT64_MIN, INT64_MAX, &n))
        return 0;
    *(int64_t *)ret = n;
    return 1;
}

int
python_to_u64(PyObject *o, void *ret)
{
    unsigned long long n = PyLong_AsUnsignedLongLong(o);

    if (n == (unsigned long long)-1 && PyErr_Occurred())
        return 0;
    *(uint64_t *)ret = n;
    return 1;
}

/* The bytes of a string, bytes or path: a new reference.  As results are
 * decoded, whatever the locale: names of a guest are not the host's. */
static PyObject *
encode(PyObject *o)
{
    PyObject *path = PyOS_FSPath(o), *bytes = path;

    if (path && PyUnicode_Check(path)) {
        bytes = PyUnicode_AsEncodedString(path, "utf-8", "surrogateescape");
        Py_DECREF(path);
    }
    if (bytes &&
        memchr(PyBytes_AsString(bytes), 0, (size_t)PyBytes_Size(bytes))) {
        PyErr_SetString(PyExc_ValueError, "a zero byte in a string");
        Py_CLEAR(bytes);
    }
    return bytes;
}

int
python_to_string(PyObject *o, void *ret)
{
    char **s = ret;
    PyObject *bytes;
    char *text;

    if (!o) {
        free(*s);
        *s = NULL;
        return 1;
    }
    if (!(bytes = encode(o)))
        return 0;
    text = PyBytes_AsString(bytes);
    *s = text ? strdup(text) : NULL;
    Py_DECREF(bytes);
    if (text && !*s)
        PyErr_NoMemory();
    return *s ? Py_CLEANUP_SUPPORTED : 0;
}

/* One block, as the library's lists are. */
static char **
pack(PyObject *items, Py_ssize_t n)
{
    size_t size = 0;
    char **list, *to;

    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = PyList_GetItem(items, i);
        size += (size_t)PyBytes_Size(item) + 1;
    }
    list = malloc(((size_t)n + 1) * sizeof *list + size);
    if (!list)
        return (char **)PyErr_NoMemory();
    to = (char *)(list + n + 1);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = PyList_GetItem(items, i);
        size_t length = (size_t)PyBytes_Size(item) + 1;

        list[i] = memcpy(to, PyBytes_AsString(item), length);
        to += length;
    }
    list[n] = NULL;
    return list;
}

int
python_to_list(PyObject *o, void *ret)
{
    char ***list = ret;
    PyObject *items, *item = NULL, *iterator;
    Py_ssize_t n = 0;

    if (!o) {
        free(*list);
        *list = NULL;
        return 1;
    }
    /* A string is a list of its characters, which is never meant. */
    if (PyUnicode_Check(o) || PyBytes_Check(o)) {
        PyErr_SetString(PyExc_TypeError, "a list of strings, not a string");
        return 0;
    }
    items = PyList_New(0);
    iterator = items ? PyObject_GetIter(o) : NULL;
    while (iterator && (item = PyIter_Next(iterator))) {
        PyObject *bytes = encode(item);
        int fine = bytes && PyList_Append(items, bytes) == 0;

        Py_DECREF(item);
        Py_XDECREF(bytes);
        if (!fine)
            break;
        n++;
    }
    Py_XDECREF(iterator);
    *list = PyErr_Occurred() ? NULL : pack(items, n);
    Py_XDECREF(items);
    return *list ? Py_CLEANUP_SUPPORTED : 0;
}

int
python_to_string_or_none(PyObject *o, void *ret)
{
    return o == Py_None ? Py_CLEANUP_SUPPORTED : python_to_string(o, ret);
}

int
python_to_list_or_none(PyObject *o, void *ret)
{
    return o == Py_None ? Py_CLEANUP_SUPPORTED : python_to_list(o, ret);
}

int
python_to_option_bool(PyObject *o, void *ret)
{
    struct python_bool *v = ret;
    int r = o == Py_None ? 0 : PyObject_IsTrue(o);

    v->given = o != Py_None;
    v->value = r > 0;
    return r >= 0;
}

#define OPTION(kind)                                                           \
    int python_to_option_##kind(PyObject *o, void *ret)                        \
    {                                                                          \
        struct python_##kind *v = ret;                                         \
                                                                               \
        v->given = o != Py_None;                                               \
        return v->given ? python_to_##kind(o, &v->value) : 1;                  \
    }

OPTION(i32)
OPTION(u32)
OPTION(i64)
OPTION(u64)

/* --- to Python --- */

PyObject *
python_string(const char *s)
{
    if (!s)
        return Py_NewRef(Py_None);
    return PyUnicode_DecodeUTF8(s, (Py_ssize_t)strlen(s), "surrogateescape");
}

PyObject *
python_strings(char *const *list)
{
    PyObject *ret = PyList_New(0);

    for (; ret && list && *list; list++) {
        PyObject *item = python_string(*list);

        if (!item || PyList_Append(ret, item) < 0)
            Py_CLEAR(ret);
        Py_XDECREF(item);
    }
    return ret;
}

/* Names and values, alternating. */
PyObject *
python_pairs(char *const *list)
{
    PyObject *ret = PyDict_New();

    for (; ret && list && list[0] && list[1]; list += 2) {
        PyObject *name = python_string(list[0]);
        PyObject *value = python_string(list[1]);

        if (!name || !value || PyDict_SetItem(ret, name, value) < 0)
            Py_CLEAR(ret);
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return ret;
}

PyObject *
python_structures(const void *items, size_t n, size_t size,
    PyObject *(*convert)(const void *item))
{
    PyObject *ret = PyList_New((Py_ssize_t)n);

    for (size_t i = 0; ret && i < n; i++) {
        PyObject *item = convert((const char *)items + i * size);

        if (!item || PyList_SetItem(ret, (Py_ssize_t)i, item) < 0)
            Py_CLEAR(ret);
    }
    return ret;
}

void
python_set(PyObject *structure, Py_ssize_t i, PyObject *field)
{
    if (field)
        PyStructSequence_SetItem(structure, i, field);
}

PyObject *
python_whole(PyObject *structure)
{
    if (!PyErr_Occurred())
        return structure;
    Py_DECREF(structure);
    return NULL;
}

int
python_add_structure(PyObject *module, const char *name,
    PyStructSequence_Desc *description, PyTypeObject **ret)
{
    if (!*ret)
        *ret = PyStructSequence_NewType(description);
    return *ret ? PyModule_AddObjectRef(module, name, (PyObject *)*ret) : -1;
}
