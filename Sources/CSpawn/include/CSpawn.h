#ifndef CSPAWN_H
#define CSPAWN_H

#include <stdbool.h>
#include <stddef.h>
// Not in Swift's Glibc module.
#include <sys/epoll.h>
#include <sys/types.h>

// Starts child processes. In C, because Swift can call neither clone(2) nor the variadic syscall(2) and prctl(2).

// A resource limit, soft and hard alike. A value above the hard limit in force is lowered to it (getrlimit(2)).
struct cspawn_limit {
    int resource;
    unsigned long long value;
};

// What to start. Nothing is kept after cspawn returns.
struct cspawn_command {
    // An absolute path; PATH is not searched.
    const char *path;
    // Both end with NULL.
    char *const *arguments;
    char *const *environment;
    // Where the child starts; NULL: where the caller is.
    const char *directory;

    // Become the child's descriptors 1 and 2; -1: the caller's own. Descriptor 0 is /dev/null.
    int output;
    int error;
    // Becomes the child's descriptor 3; -1: it has none. Every other descriptor is closed.
    int channel;

    // The child leads a session, and so a process group, of its own (setsid(2)).
    bool leads_session;
    // Sent to the child when the THREAD that called cspawn ends (PR_SET_PDEATHSIG, prctl(2)); 0: none.
    int death_signal;

    const struct cspawn_limit *limits;
    size_t limit_count;
};

// The system call that failed, and its errno.
struct cspawn_failure {
    const char *call;
    int error;
};

// Starts a child and returns once it has executed its program.
//
// In the child all signals have their default action and none is blocked. Returns the process id, with a descriptor in
// *pidfd that is readable once the process has ended (pidfd_open(2); close-on-exec; the caller closes it) and must reap
// the child with waitpid(2). Returns -1 with *failure filled in; then there is no child.
//
// With a death signal, call it only from a thread that lives as long as the process.
pid_t cspawn(const struct cspawn_command *command, int *pidfd, struct cspawn_failure *failure);

// A descriptor that is readable once the process has ended, or -1 with errno set (pidfd_open(2)).
int cspawn_pidfd(pid_t process);

// Makes the calling process the parent of its descendants' orphans (PR_SET_CHILD_SUBREAPER, prctl(2)).
// Returns 0, or -1 with errno set.
int cspawn_adopt_orphans(void);

// A pipe, reading end first, both ends close-on-exec (pipe2(2)). Returns 0, or -1 with errno set.
int cspawn_pipe(int ends[2]);

#endif
