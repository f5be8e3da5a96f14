#include "CPython.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

// PyStatus of CPython 3.8 to 3.13 (Include/cpython/initconfig.h); it is returned by value.
struct status {
    int type;
    const char *function;
    const char *message;
    int exit_code;
};

// The table: result, name, parameters. All are in the limited API of 3.10 but those of the configuration, which every
// version from 3.8 to 3.13 exports. Most of PyConfig stays opaque: its layout differs.
#define TABLE(entry)                                                                                                   \
    entry(struct status, Py_InitializeFromConfig, (const void *))                                                      \
    entry(struct status, PyConfig_SetBytesArgv, (void *, ptrdiff_t, char *const *))                                    \
    entry(void, PyConfig_InitIsolatedConfig, (void *))                                                                 \
    entry(void, PyConfig_Clear, (void *))                                                                              \
    entry(int, PyStatus_Exception, (struct status))                                                                    \
    entry(void *, PyEval_SaveThread, (void))                                                                           \
    entry(void, PyEval_RestoreThread, (void *))                                                                        \
    entry(cpython_object *, PyImport_ImportModule, (const char *))                                                     \
    entry(cpython_object *, PyObject_GetAttrString, (cpython_object *, const char *))                                  \
    entry(cpython_object *, PyObject_CallObject, (cpython_object *, cpython_object *))                                 \
    entry(cpython_object *, PyObject_Type, (cpython_object *))                                                         \
    entry(cpython_object *, PyTuple_New, (ptrdiff_t))                                                                  \
    entry(int, PyTuple_SetItem, (cpython_object *, ptrdiff_t, cpython_object *))                                       \
    entry(cpython_object *, PyBytes_FromStringAndSize, (const char *, ptrdiff_t))                                      \
    entry(int, PyBytes_AsStringAndSize, (cpython_object *, char **, ptrdiff_t *))                                      \
    entry(cpython_object *, PyUnicode_FromStringAndSize, (const char *, ptrdiff_t))                                    \
    entry(const char *, PyUnicode_AsUTF8AndSize, (cpython_object *, ptrdiff_t *))                                      \
    entry(cpython_object *, PyUnicode_Join, (cpython_object *, cpython_object *))                                      \
    entry(cpython_object *, PyLong_FromUnsignedLongLong, (unsigned long long))                                         \
    entry(unsigned long long, PyLong_AsUnsignedLongLong, (cpython_object *))                                           \
    entry(double, PyFloat_AsDouble, (cpython_object *))                                                                \
    entry(cpython_object *, PyMemoryView_FromMemory, (char *, ptrdiff_t, int))                                         \
    entry(ptrdiff_t, PyList_Size, (cpython_object *))                                                                  \
    entry(cpython_object *, PyList_GetItem, (cpython_object *, ptrdiff_t))                                             \
    entry(void, Py_IncRef, (cpython_object *))                                                                         \
    entry(void, Py_DecRef, (cpython_object *))                                                                         \
    entry(cpython_object *, PyErr_Occurred, (void))                                                                    \
    entry(void, PyErr_Clear, (void))                                                                                   \
    entry(void, PyErr_Fetch, (cpython_object **, cpython_object **, cpython_object **))                                \
    entry(void, PyErr_NormalizeException, (cpython_object **, cpython_object **, cpython_object **))

#define FIELD(result, name, parameters) result(*name) parameters;
#define NAME(result, name, parameters) #name,

// Written by cpython_open alone, before anything else is called.
static struct {
    TABLE(FIELD)
} python;

static const char *const names[] = {TABLE(NAME) NULL};

// How PyConfig begins, the same from 3.8 to 3.13; a test compares it with the headers. The rest stays opaque, and is
// less than half a kilobyte in all of them.
struct config {
    int initialised, isolated, use_environment, dev_mode, install_signal_handlers, use_hash_seed;
    unsigned long hash_seed;
    char rest[16384];
};
static struct config config;

// What results are told apart by: our own Python code gives exact floats, ints, bytes and lists.
static cpython_object *none, *type_float, *type_int, *type_bytes, *type_text, *type_list;
static void *saved;
static char failure[512];

const char *const *cpython_names(void) { return names; }

static const char *failed(const char *what, const char *why) {
    snprintf(failure, sizeof failure, "%s: %s", what, why ? why : "no reason given");
    return failure;
}

const char *cpython_open(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (!library) return failed("dlopen", dlerror());
    // dlsym(3) gives functions as data pointers; POSIX makes them convertible, a copy avoids the cast.
#define FIND(result, name, parameters)                                                                                 \
    {                                                                                                                  \
        void *found = dlsym(library, #name);                                                                           \
        if (!found) return failed("missing function", #name);                                                          \
        memcpy(&python.name, &found, sizeof found);                                                                    \
    }
    TABLE(FIND)
    return NULL;
}

static bool remember(cpython_object **object, const char *name) {
    cpython_object *builtins = python.PyImport_ImportModule("builtins");
    if (!builtins) return false;
    *object = python.PyObject_GetAttrString(builtins, name);
    python.Py_DecRef(builtins);
    return *object != NULL;
}

const char *cpython_start(const char *executable) {
    python.PyConfig_InitIsolatedConfig(&config);
    // As in workers: a rubric that walks a set of strings sees it in one and the same order, wherever it runs.
    config.use_hash_seed = 1;
    config.hash_seed = 0;
    char *arguments[] = {(char *)executable};
    struct status status = python.PyConfig_SetBytesArgv(&config, 1, arguments);
    if (!python.PyStatus_Exception(status)) status = python.Py_InitializeFromConfig(&config);
    python.PyConfig_Clear(&config);
    if (python.PyStatus_Exception(status)) return failed("initialisation", status.message);
    bool is_known = remember(&type_float, "float") && remember(&type_int, "int") && remember(&type_bytes, "bytes") &&
                    remember(&type_text, "str") && remember(&type_list, "list") && remember(&none, "None");
    if (is_known) return NULL;
    char text[256];
    size_t count = cpython_take_error(text, sizeof text - 1);
    text[count] = 0;
    return failed("builtins", text);
}

void cpython_release(void) { saved = python.PyEval_SaveThread(); }

void cpython_acquire(void) { python.PyEval_RestoreThread(saved); }

cpython_object *cpython_import(const char *module) { return python.PyImport_ImportModule(module); }

cpython_object *cpython_attribute(cpython_object *object, const char *name) {
    return python.PyObject_GetAttrString(object, name);
}

cpython_object *cpython_bytes(const void *bytes, size_t count) {
    return python.PyBytes_FromStringAndSize(bytes, (ptrdiff_t)count);
}

cpython_object *cpython_text(const char *bytes, size_t count) {
    return python.PyUnicode_FromStringAndSize(bytes, (ptrdiff_t)count);
}

cpython_object *cpython_integer(uint64_t value) { return python.PyLong_FromUnsignedLongLong(value); }

cpython_object *cpython_memory(void *memory, size_t count) {
    const int writable = 0x200;  // PyBUF_WRITE
    return python.PyMemoryView_FromMemory(memory, (ptrdiff_t)count, writable);
}

cpython_object *cpython_call(cpython_object *function, cpython_object *const *arguments, size_t count) {
    cpython_object *tuple = python.PyTuple_New((ptrdiff_t)count);
    if (!tuple) return NULL;
    for (size_t index = 0; index < count; index += 1) {
        // The tuple takes a reference over, and the caller keeps its own.
        python.Py_IncRef(arguments[index]);
        python.PyTuple_SetItem(tuple, (ptrdiff_t)index, arguments[index]);
    }
    cpython_object *result = python.PyObject_CallObject(function, tuple);
    python.Py_DecRef(tuple);
    return result;
}

cpython_object *cpython_item(cpython_object *list, size_t index) {
    cpython_object *item = python.PyList_GetItem(list, (ptrdiff_t)index);
    if (item) python.Py_IncRef(item);
    return item;
}

void cpython_drop(cpython_object *object) { python.Py_DecRef(object); }

static bool is_exactly(cpython_object *object, cpython_object *type) {
    cpython_object *found = python.PyObject_Type(object);
    if (found) python.Py_DecRef(found);
    return found == type;
}

size_t cpython_count(cpython_object *list) {
    return is_exactly(list, type_list) ? (size_t)python.PyList_Size(list) : 0;
}

bool cpython_is_none(cpython_object *object) { return object == none; }

bool cpython_get_double(cpython_object *object, double *value) {
    if (!is_exactly(object, type_float)) return false;
    *value = python.PyFloat_AsDouble(object);
    return true;
}

bool cpython_get_integer(cpython_object *object, uint64_t *value) {
    if (!is_exactly(object, type_int)) return false;
    *value = python.PyLong_AsUnsignedLongLong(object);
    if (!python.PyErr_Occurred()) return true;
    python.PyErr_Clear();
    return false;
}

bool cpython_get_bytes(cpython_object *object, const char **bytes, size_t *count) {
    char *start;
    ptrdiff_t length;
    if (!is_exactly(object, type_bytes) || python.PyBytes_AsStringAndSize(object, &start, &length) != 0) return false;
    *bytes = start;
    *count = (size_t)length;
    return true;
}

bool cpython_get_text(cpython_object *object, const char **text, size_t *count) {
    ptrdiff_t length;
    if (!is_exactly(object, type_text)) return false;
    *text = python.PyUnicode_AsUTF8AndSize(object, &length);
    if (!*text) {
        python.PyErr_Clear();
        return false;
    }
    *count = (size_t)length;
    return true;
}

uint64_t cpython_peek(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }

// "".join(traceback.format_exception(type, value, trace)), or NULL.
static cpython_object *formatted(cpython_object *const arguments[3]) {
    cpython_object *module = python.PyImport_ImportModule("traceback");
    cpython_object *function = module ? python.PyObject_GetAttrString(module, "format_exception") : NULL;
    cpython_object *lines = function ? cpython_call(function, arguments, 3) : NULL;
    cpython_object *nothing = lines ? python.PyUnicode_FromStringAndSize("", 0) : NULL;
    cpython_object *text = nothing ? python.PyUnicode_Join(nothing, lines) : NULL;
    cpython_object *const used[] = {module, function, lines, nothing};
    for (size_t index = 0; index < 4; index += 1) {
        if (used[index]) python.Py_DecRef(used[index]);
    }
    return text;
}

size_t cpython_take_error(char *text, size_t capacity) {
    if (!python.PyErr_Occurred()) return 0;
    cpython_object *error[3] = {NULL, NULL, NULL};
    python.PyErr_Fetch(&error[0], &error[1], &error[2]);
    python.PyErr_NormalizeException(&error[0], &error[1], &error[2]);
    if (!error[2]) {
        error[2] = none;
        if (none) python.Py_IncRef(none);
    }
    cpython_object *lines = error[1] && error[2] ? formatted(error) : NULL;
    ptrdiff_t count = 0;
    const char *bytes = lines ? python.PyUnicode_AsUTF8AndSize(lines, &count) : NULL;
    if (!bytes) {
        bytes = "an exception whose text could not be made";
        count = (ptrdiff_t)strlen(bytes);
        python.PyErr_Clear();
    }
    // What a traceback says last, it says best.
    size_t kept = (size_t)count < capacity ? (size_t)count : capacity;
    memcpy(text, bytes + (size_t)count - kept, kept);
    if (lines) python.Py_DecRef(lines);
    for (size_t index = 0; index < 3; index += 1) {
        if (error[index]) python.Py_DecRef(error[index]);
    }
    return kept;
}
