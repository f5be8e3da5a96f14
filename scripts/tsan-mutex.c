// Shows the thread sanitizer what Swift's Mutex does under contention; scripts/sanitize.sh preloads it.
//
// On Linux the uncontended half of Synchronization.Mutex is inlined and instrumented, the contended half is not: it is in
// libswiftSynchronization.so, where the sanitizer sees no acquire and no release. So it reports a race on whatever two
// threads do under one contended Mutex. The proof is two threads that do nothing but
// `mutex.withLock { $0 += 1 }`: 3 to 12 reports without this file, none with it, and a planted race outside of the mutex
// is still reported. That is also why there is no list of suppressions: it would hide real races on the same state.
//
// Should a later tool chain rename these functions, nothing here is called, and the reports are back.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define HANDLE __attribute__((swift_context)) void *handle
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// Absent in a process without the sanitizer, such as `swift test` itself.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

static SWIFT void (*real_lock)(uint32_t thread, HANDLE);
static SWIFT bool (*real_try_lock)(HANDLE);
static SWIFT void (*real_unlock)(HANDLE);

__attribute__((constructor)) static void find(void) {
    real_lock = (SWIFT void (*)(uint32_t, HANDLE))dlsym(RTLD_NEXT, LOCK);
    real_try_lock = (SWIFT bool (*)(HANDLE))dlsym(RTLD_NEXT, TRY_LOCK);
    real_unlock = (SWIFT void (*)(HANDLE))dlsym(RTLD_NEXT, UNLOCK);
}

SWIFT void lock(uint32_t thread, HANDLE) __asm__(LOCK);
SWIFT void lock(uint32_t thread, HANDLE) {
    real_lock(thread, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT bool try_lock(HANDLE) __asm__(TRY_LOCK);
SWIFT bool try_lock(HANDLE) {
    bool is_held = real_try_lock(handle);
    if (is_held && __tsan_acquire) __tsan_acquire(handle);
    return is_held;
}

SWIFT void unlock(HANDLE) __asm__(UNLOCK);
SWIFT void unlock(HANDLE) {
    if (__tsan_release) __tsan_release(handle);
    real_unlock(handle);
}
