#ifndef REWARDBRIDGE_CPYTHON_H
#define REWARDBRIDGE_CPYTHON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
// Not in Swift's Glibc module.
#include <sys/eventfd.h>

// CPython's C API, opened at run time: one binary follows the Python of a virtual environment, and a host that runs
// workers only needs none. In C, because Swift can call neither variadic functions nor ones found by name.
//
// Every function but cpython_open is called on one thread, the process's main thread, and, unless it says otherwise,
// while that thread holds the interpreter's lock (the GIL).

// A Python object; NULL where a call failed and left an exception behind.
typedef struct cpython_object cpython_object;

// Opens libpython with its symbols visible to extension modules (RTLD_GLOBAL, dlopen(3)) and finds what the table of
// cpython.c lists. Returns NULL, or why it could not: the text of dlerror(3), or the name of the missing function. The
// text lives until the next call. Once in a process.
const char *cpython_open(const char *library);

// Starts the interpreter as if `executable` had been run isolated: no environment variables, no user site, no signal
// handlers (PyConfig_InitIsolatedConfig). The executable decides where it finds its library (pyvenv.cfg, getpath).
// The caller then holds the lock. Returns NULL, or why it could not. Once in a process.
const char *cpython_start(const char *executable);

// Releases the lock, so that Python's own threads run, and takes it again.
void cpython_release(void);
void cpython_acquire(void);

// New references; NULL with an exception set.
cpython_object *cpython_import(const char *module);
cpython_object *cpython_attribute(cpython_object *object, const char *name);
cpython_object *cpython_bytes(const void *bytes, size_t count);
cpython_object *cpython_text(const char *bytes, size_t count);
cpython_object *cpython_integer(uint64_t value);
// The very memory, which must outlive the interpreter; Python may write to it.
cpython_object *cpython_memory(void *memory, size_t count);
cpython_object *cpython_call(cpython_object *function, cpython_object *const *arguments, size_t count);
cpython_object *cpython_item(cpython_object *list, size_t index);

void cpython_drop(cpython_object *object);

// Of a list; 0 for anything else.
size_t cpython_count(cpython_object *list);
bool cpython_is_none(cpython_object *object);
// Whether it is exactly a float, an int from 0, bytes, or text without lone surrogates; and then what it holds, for as
// long as the object lives.
bool cpython_get_double(cpython_object *object, double *value);
bool cpython_get_integer(cpython_object *object, uint64_t *value);
bool cpython_get_bytes(cpython_object *object, const char **bytes, size_t *count);
bool cpython_get_text(cpython_object *object, const char **text, size_t *count);

// Takes the exception that is set and writes its traceback, or as much of it as can be had, as UTF-8; no more than
// `capacity` bytes, without a terminator. Returns the number of bytes; 0 when no exception is set.
size_t cpython_take_error(char *text, size_t capacity);

// On any thread, without the lock: a word of cpython_memory, to which Python may be writing.
uint64_t cpython_peek(const uint64_t *word);

// For the test of the table: its names, in order, and then NULL.
const char *const *cpython_names(void);

#endif
