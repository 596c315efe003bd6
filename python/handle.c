/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: a call runs without Python's lock, so other threads go
 * on; the handle's own lock keeps them from the same handle.  Events come in
 * the thread of the call, which takes Python's lock for the callback.  What the
 * callback raises cannot pass through the library: it is kept, the call is
 * cancelled, and it is raised when the call has ended.  The same is done with
 * Ctrl-C, which is looked at with every sign of progress. */
#include <stdlib.h>
#include <string.h>

#include "python/native.h"

static PyObject *error_type;

/* --- a call --- */

int
python_begin(struct python_handle *self)
{
    unsigned long me = PyThread_get_thread_ident();

    if (self->owner == me) {
        PyErr_SetString(PyExc_RuntimeError,
            "a callback cannot use the handle that calls it, except cancel()");
        return -1;
    }
    if (!PyThread_acquire_lock(self->lock, NOWAIT_LOCK)) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(self->lock, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
    if (!self->g) {
        PyThread_release_lock(self->lock);
        PyErr_SetString(PyExc_ValueError, "the handle is closed");
        return -1;
    }
    self->owner = me;
    return 0;
}

static void
unlock(struct python_handle *self)
{
    self->owner = 0;
    PyThread_release_lock(self->lock);
}

/* OSError(errno, text), as a type of its own. */
static void
raise_error(struct mayfly *g)
{
    const char *text = mayfly_last_error(g);
    PyObject *message = python_string(text ? text : "unknown error");
    PyObject *value = message ? PyObject_CallFunction(error_type, "iO",
                                    mayfly_last_errno(g), message)
                              : NULL;

    if (value)
        PyErr_SetObject(error_type, value);
    Py_XDECREF(value);
    Py_XDECREF(message);
}

int
python_end(struct python_handle *self, int r)
{
    PyObject *raised = self->raised;

    self->raised = NULL;
    if (r < 0 && !raised)
        raise_error(self->g);
    /* A call that ended before it could be cancelled. */
    if (r == 0 && raised)
        mayfly_forget_cancel(self->g);
    unlock(self);
    if (raised) {
        PyErr_SetObject((PyObject *)Py_TYPE(raised), raised);
        Py_DECREF(raised);
    }
    return r < 0 || raised ? -1 : 0;
}

/* --- events --- */

static const struct {
    const char *name;
    enum mayfly_event event;
} events[] = {
    {"progress", MAYFLY_EVENT_PROGRESS},
    {"trace", MAYFLY_EVENT_TRACE},
    {"debug", MAYFLY_EVENT_DEBUG},
    {"appliance", MAYFLY_EVENT_APPLIANCE},
    {"warning", MAYFLY_EVENT_WARNING},
    {"launched", MAYFLY_EVENT_LAUNCHED},
    {"close", MAYFLY_EVENT_CLOSE},
    {"died", MAYFLY_EVENT_DIED},
    {"notice", MAYFLY_EVENT_NOTICE},
};
enum { N_EVENTS = sizeof events / sizeof events[0] };

/* Keep the exception for the end of the call, which is cancelled. */
static void
keep_exception(struct python_handle *self)
{
    PyObject *type, *value, *traceback;

    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (value && traceback)
        PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    if (self->raised || !value) {
        Py_XDECREF(value);
        return;
    }
    self->raised = value;
    /* There is none any more when it is closed, which cannot be cancelled. */
    if (self->g)
        mayfly_cancel(self->g);
}

/* The handle's dictionary has the function beside the capsule of this: what is
 * inside a capsule is invisible to the garbage collector. */
struct callback {
    struct python_handle *self;
    PyObject *function;
};

static void
call_back(struct mayfly *g, void *opaque, const struct mayfly_event_data *data)
{
    struct callback *c = opaque;
    PyGILState_STATE state = PyGILState_Ensure();
    const char *name = "";
    PyObject *text = python_string(data->text), *result = NULL;

    (void)g;
    for (size_t i = 0; i < N_EVENTS; i++)
        if (events[i].event == data->event)
            name = events[i].name;
    if (text && !c->self->raised)
        result = PyObject_CallFunction(c->function, "sOKK", name, text,
            (unsigned long long)data->done, (unsigned long long)data->total);
    if (PyErr_Occurred())
        keep_exception(c->self);
    Py_XDECREF(result);
    Py_XDECREF(text);
    PyGILState_Release(state);
}

static void
look_for_signals(
    struct mayfly *g, void *opaque, const struct mayfly_event_data *data)
{
    struct python_handle *self = opaque;
    PyGILState_STATE state = PyGILState_Ensure();

    (void)g;
    (void)data;
    if (!self->raised && PyErr_CheckSignals() < 0)
        keep_exception(self);
    PyGILState_Release(state);
}

static int
read_mask(PyObject *names, uint32_t *ret)
{
    PyObject *iterator, *item;

    *ret = names ? 0 : MAYFLY_EVENT_ALL;
    if (!names)
        return 0;
    if (!(iterator = PyObject_GetIter(names)))
        return -1;
    while ((item = PyIter_Next(iterator))) {
        uint32_t found = 0;

        for (size_t i = 0; PyUnicode_Check(item) && i < N_EVENTS; i++)
            if (PyUnicode_CompareWithASCIIString(item, events[i].name) == 0)
                found = events[i].event;
        if (!found)
            PyErr_Format(PyExc_ValueError, "no event is called %R", item);
        Py_DECREF(item);
        *ret |= found;
        if (!found)
            break;
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : 0;
}

static void
free_callback(PyObject *capsule)
{
    free(PyCapsule_GetPointer(capsule, NULL));
}

static PyObject *
set_event_callback(struct python_handle *self, PyObject *args, PyObject *words)
{
    static char *names[] = {"callback", "events", NULL};
    PyObject *function, *wanted = NULL, *capsule, *pair, *number = NULL;
    uint32_t mask;

    if (!PyArg_ParseTupleAndKeywords(
            args, words, "O|O:set_event_callback", names, &function, &wanted) ||
        read_mask(wanted, &mask) < 0)
        return NULL;
    if (!PyCallable_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "the callback cannot be called");
        return NULL;
    }
    struct callback *c = malloc(sizeof *c);
    if (!c)
        return PyErr_NoMemory();
    *c = (struct callback){self, function};
    capsule = PyCapsule_New(c, NULL, free_callback);
    if (!capsule) {
        free(c);
        return NULL;
    }
    pair = PyTuple_Pack(2, capsule, function);
    Py_DECREF(capsule);
    if (pair && python_begin(self) == 0) {
        int r = mayfly_set_event_callback(self->g, call_back, mask, c);

        if (python_end(self, r < 0 ? -1 : 0) == 0 &&
            (number = PyLong_FromLong(r)) &&
            PyDict_SetItem(self->callbacks, number, pair) < 0)
            Py_CLEAR(number);
    }
    Py_XDECREF(pair);
    return number;
}

static PyObject *
delete_event_callback(struct python_handle *self, PyObject *number)
{
    long n = PyLong_AsLong(number);

    if (n == -1 && PyErr_Occurred())
        return NULL;
    if (python_begin(self) < 0)
        return NULL;
    if (PyDict_Contains(self->callbacks, number) == 1) {
        mayfly_delete_event_callback(self->g, (int)n);
        PyDict_DelItem(self->callbacks, number);
    }
    unlock(self);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* --- the handle --- */

static PyObject *
new_handle(PyTypeObject *type, PyObject *args, PyObject *words)
{
    static char *names[] = {NULL};
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    struct python_handle *self;

    if (!PyArg_ParseTupleAndKeywords(args, words, ":Mayfly", names))
        return NULL;
    if (!(self = (struct python_handle *)alloc(type, 0)))
        return NULL;
    self->lock = PyThread_allocate_lock();
    self->callbacks = PyDict_New();
    self->g = mayfly_create();
    if (!self->lock || !self->callbacks || !self->g ||
        mayfly_set_event_callback(
            self->g, look_for_signals, MAYFLY_EVENT_PROGRESS, self) < 0) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    return (PyObject *)self;
}

/* The caller has it locked, or is the only one that has it. */
static void
end_handle(struct python_handle *self)
{
    struct mayfly *g = self->g;

    self->g = NULL;
    Py_BEGIN_ALLOW_THREADS
    mayfly_close(g);
    Py_END_ALLOW_THREADS
}

/* It may go while an exception is on its way, which is not a callback's. */
static void
finalize(struct python_handle *self)
{
    PyObject *kind, *value, *traceback;

    if (!self->g)
        return;
    PyErr_Fetch(&kind, &value, &traceback);
    end_handle(self);
    if (self->raised) {
        PyErr_SetObject((PyObject *)Py_TYPE(self->raised), self->raised);
        PyErr_WriteUnraisable(NULL);
        Py_CLEAR(self->raised);
    }
    PyErr_Restore(kind, value, traceback);
}

/* A callback that knows its handle is a cycle. */
static int
traverse(struct python_handle *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    Py_VISIT(self->callbacks);
    Py_VISIT(self->raised);
    return 0;
}

/* After finalize, so no event can come any more. */
static int
clear(struct python_handle *self)
{
    Py_CLEAR(self->callbacks);
    Py_CLEAR(self->raised);
    return 0;
}

static void
free_handle(struct python_handle *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);

    PyObject_GC_UnTrack(self);
    finalize(self);
    clear(self);
    if (self->lock)
        PyThread_free_lock(self->lock);
    release(self);
    Py_DECREF(type);
}

static PyObject *
close_handle(struct python_handle *self, PyObject *ignored)
{
    (void)ignored;
    if (!self->g)
        return Py_NewRef(Py_None);
    if (python_begin(self) < 0)
        return NULL;
    end_handle(self);
    PyObject *raised = self->raised;
    self->raised = NULL;
    unlock(self);
    PyDict_Clear(self->callbacks);
    if (!raised)
        return Py_NewRef(Py_None);
    PyErr_SetObject((PyObject *)Py_TYPE(raised), raised);
    Py_DECREF(raised);
    return NULL;
}

/* From any thread, also while a call runs. */
static PyObject *
cancel(struct python_handle *self, PyObject *ignored)
{
    (void)ignored;
    if (self->g)
        mayfly_cancel(self->g);
    return Py_NewRef(Py_None);
}

static PyObject *
enter(struct python_handle *self, PyObject *ignored)
{
    (void)ignored;
    return Py_NewRef((PyObject *)self);
}

/* The last writes must not fail unseen, unless something else has failed. */
static PyObject *
leave(struct python_handle *self, PyObject *args)
{
    PyObject *type, *value, *traceback, *done;
    int r = 0;

    if (!PyArg_ParseTuple(args, "OOO", &type, &value, &traceback))
        return NULL;
    if (type == Py_None && self->g) {
        if (python_begin(self) < 0)
            return NULL;
        Py_BEGIN_ALLOW_THREADS
        r = mayfly_shutdown(self->g);
        Py_END_ALLOW_THREADS
        if (python_end(self, r) < 0)
            r = -1;
    }
    if (r < 0) {
        PyErr_Fetch(&type, &value, &traceback);
        done = close_handle(self, NULL);
        Py_XDECREF(done);
        PyErr_Restore(type, value, traceback);
        return NULL;
    }
    done = close_handle(self, NULL);
    Py_XDECREF(done);
    return done ? Py_NewRef(Py_False) : NULL;
}

static PyMethodDef own_methods[] = {
    {"close", (PyCFunction)close_handle, METH_NOARGS,
        "Stop the appliance and free the handle.  Errors of the last writes "
        "are lost: call shutdown() first, or use `with`."},
    {"cancel", (PyCFunction)cancel, METH_NOARGS,
        "Make the running call fail with ECANCELED; from any thread."},
    {"set_event_callback", (PyCFunction)(void (*)(void))set_event_callback,
        METH_VARARGS | METH_KEYWORDS,
        "Have callback(event, text, done, total) called for events; returns "
        "its number.\n\nevents: names of progress, trace, debug, appliance, "
        "warning, launched, close, died, notice; default: all."},
    {"delete_event_callback", (PyCFunction)delete_event_callback, METH_O,
        "End the calls of the callback with this number."},
    {"__enter__", (PyCFunction)enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)leave, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

/* --- the module --- */

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_mayfly",
    .m_doc = "The calls of libmayfly; use the module mayfly.",
    .m_size = -1,
};

static PyMethodDef *
all_methods(void)
{
    size_t n = 0, own = sizeof own_methods / sizeof own_methods[0] - 1;
    PyMethodDef *all;

    while (python_calls[n].ml_name)
        n++;
    all = calloc(own + n + 1, sizeof *all);
    if (!all)
        return NULL;
    memcpy(all, own_methods, own * sizeof *all);
    memcpy(all + own, python_calls, n * sizeof *all);
    return all;
}

static int
add_types(PyObject *module)
{
    static PyMethodDef *methods;
    int r = -1;

    if (!methods && !(methods = all_methods())) {
        PyErr_NoMemory();
        return -1;
    }
    PyType_Slot slots[] = {
        {Py_tp_doc, (void *)"A handle: one throwaway appliance VM."},
        {Py_tp_new, (void *)new_handle},
        {Py_tp_dealloc, (void *)free_handle},
        {Py_tp_finalize, (void *)finalize},
        {Py_tp_traverse, (void *)traverse},
        {Py_tp_clear, (void *)clear},
        {Py_tp_methods, methods},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "mayfly.Mayfly",
        .basicsize = sizeof(struct python_handle),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
        .slots = slots,
    };
    PyObject *type = PyType_FromSpec(&spec);

    if (!error_type)
        error_type = PyErr_NewExceptionWithDoc("mayfly.Error",
            "A call has failed: errno, and strerror with the text.",
            PyExc_OSError, NULL);
    if (type && error_type &&
        PyModule_AddObjectRef(module, "Error", error_type) == 0)
        r = PyModule_AddObjectRef(module, "Mayfly", type);
    Py_XDECREF(type);
    return r;
}

PyMODINIT_FUNC PyInit__mayfly(void);

PyMODINIT_FUNC
PyInit__mayfly(void)
{
    PyObject *module = PyModule_Create(&module_definition);

    if (module && (add_types(module) < 0 || python_add_structures(module) < 0))
        Py_CLEAR(module);
    return module;
}
