#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Older C libraries know neither number; both are the same on every architecture.
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

// ThreadSanitizer takes a clone for a fork, in the child too, and so upsets the memory that both share.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
extern int __clone(int (*)(void *), void *, int, void *, ...);
#define clone __clone
#endif
#endif

enum {
    signal_count = 64,
    // The kernel's sigset_t, which is not the C library's.
    signal_set_size = 8,
    channel_descriptor = 3,
    // The child calls a dozen system calls, a few frames deep.
    stack_size = 64 * 1024,
};

// Shared by both sides: the child runs in the caller's memory until it executes, while the caller's thread stands still
// (CLONE_VM and CLONE_VFORK, clone(2)). A fork would copy the page tables, milliseconds in a large process.
struct launch {
    const struct cspawn_command *command;
    pid_t parent;
    volatile int error;
    const char *volatile failed_call;
};

// MARK: - In the child: system calls only; the caller's locks may be held by threads that do not run here

static int fail(struct launch *launch, const char *call) {
    launch->error = errno;
    launch->failed_call = call;
    return -1;
}

static int leave_parent(struct launch *launch) {
    const struct cspawn_command *command = launch->command;
    if (command->leads_session && setsid() < 0) return fail(launch, "setsid");
    if (command->death_signal == 0) return 0;
    if (prctl(PR_SET_PDEATHSIG, command->death_signal) < 0) return fail(launch, "prctl");
    // The parent may have gone before the line above took effect; then the signal never comes.
    if (getppid() != launch->parent) {
        errno = ESRCH;
        return fail(launch, "getppid");
    }
    return 0;
}

// Copies a descriptor out of the way of 0 to 3, so that none is overwritten before it is placed.
static int lift(int descriptor, int *copy) {
    *copy = descriptor < 0 ? -1 : fcntl(descriptor, F_DUPFD, channel_descriptor + 1);
    return descriptor >= 0 && *copy < 0 ? -1 : 0;
}

static int place(int descriptor, int target) {
    return descriptor < 0 ? 0 : dup2(descriptor, target);
}

static void close_from(unsigned first) {
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
    // Linux before 5.9, or a seccomp filter that does not know the call.
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0) return;
    for (rlim_t descriptor = first; descriptor < files.rlim_cur; descriptor++) close((int)descriptor);
}

static int place_descriptors(struct launch *launch) {
    const struct cspawn_command *command = launch->command;
    int output, error, channel;
    if (lift(command->output, &output) < 0 || lift(command->error, &error) < 0
        || lift(command->channel, &channel) < 0) {
        return fail(launch, "fcntl");
    }
    const int input = open("/dev/null", O_RDONLY);
    if (input < 0) return fail(launch, "open /dev/null");
    if (place(input, STDIN_FILENO) < 0 || place(output, STDOUT_FILENO) < 0 || place(error, STDERR_FILENO) < 0
        || place(channel, channel_descriptor) < 0) {
        return fail(launch, "dup2");
    }
    close_from(channel < 0 ? channel_descriptor : channel_descriptor + 1);
    return 0;
}

static int set_limits(struct launch *launch) {
    const struct cspawn_command *command = launch->command;
    for (size_t i = 0; i < command->limit_count; i++) {
        const struct cspawn_limit *limit = &command->limits[i];
        struct rlimit now;
        if (getrlimit(limit->resource, &now) < 0) return fail(launch, "getrlimit");
        const rlim_t value = limit->value < now.rlim_max ? limit->value : now.rlim_max;
        const struct rlimit new = {.rlim_cur = value, .rlim_max = value};
        if (setrlimit(limit->resource, &new) < 0) return fail(launch, "setrlimit");
    }
    return 0;
}

// By system call: the C library refuses its own two signals, and its struct sigaction is not the kernel's.
static void reset_signals(void) {
    const unsigned long default_action[4] = {0};
    for (int signal = 1; signal <= signal_count; signal++) {
        syscall(SYS_rt_sigaction, signal, default_action, NULL, signal_set_size);
    }
    const unsigned long long none = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, signal_set_size);
}

// Not _exit, which a sanitizer replaces with something that ends the caller's runtime too.
static _Noreturn void leave(void) {
    syscall(SYS_exit_group, 127);
    __builtin_unreachable();
}

static int run_child(void *context) {
    struct launch *launch = context;
    const struct cspawn_command *command = launch->command;
    if (leave_parent(launch) < 0 || place_descriptors(launch) < 0) leave();
    if (command->directory != NULL && chdir(command->directory) < 0) {
        fail(launch, "chdir");
        leave();
    }
    if (set_limits(launch) < 0) leave();
    reset_signals();
    execve(command->path, command->arguments, command->environment);
    fail(launch, "execve");
    leave();
}

// MARK: - In the caller

static void reap(pid_t process) {
    while (waitpid(process, NULL, 0) < 0 && errno == EINTR) continue;
}

static pid_t clone_child(struct launch *launch) {
    char *stack = mmap(NULL, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) return fail(launch, "mmap");

    // A handler that ran in the child would work on the caller's memory.
    const unsigned long long all = ~0ULL;
    unsigned long long before;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, signal_set_size);
    pid_t process = clone(run_child, stack + stack_size, CLONE_VM | CLONE_VFORK | SIGCHLD, launch);
    if (process < 0) fail(launch, "clone");
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, signal_set_size);

    munmap(stack, stack_size);
    return process;
}

pid_t cspawn(const struct cspawn_command *command, int *pidfd, struct cspawn_failure *failure) {
    struct launch launch = {.command = command, .parent = getpid()};
    pid_t process = clone_child(&launch);
    if (process > 0 && launch.failed_call == NULL) {
        *pidfd = cspawn_pidfd(process);
        if (*pidfd >= 0) return process;
        fail(&launch, "pidfd_open");
        kill(process, SIGKILL);
    }
    if (process > 0) reap(process);
    failure->call = launch.failed_call;
    failure->error = launch.error;
    return -1;
}

int cspawn_pidfd(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

int cspawn_adopt_orphans(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

int cspawn_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}
