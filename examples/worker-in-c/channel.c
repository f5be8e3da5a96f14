#define _POSIX_C_SOURCE 200809L
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHANNEL = 3 };

static uint64_t frame_max = 64 << 20;
static uint64_t frames;

static char *incoming;
static FILE *stream;
static char *outgoing;
static size_t outgoing_size;

void die(const char *why) {
    fprintf(stderr, "worker ends: %s\n", why);
    exit(1);
}

void open_channel(void) {
    /* A child that kept the descriptor would hold the connection open after this process has ended. */
    if (fcntl(CHANNEL, F_SETFD, FD_CLOEXEC) < 0) die("descriptor 3 is not open; rewardbridge starts this program");
}

void limit_frames(uint64_t bytes) {
    frame_max = bytes;
}

uint64_t frames_read(void) {
    return frames;
}

bool wait_for_frame(int milliseconds) {
    struct pollfd channel = {.fd = CHANNEL, .events = POLLIN};
    return poll(&channel, 1, milliseconds) > 0;
}

static void receive(char *bytes, size_t count) {
    while (count > 0) {
        ssize_t got = read(CHANNEL, bytes, count);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) exit(0);
        bytes += got;
        count -= (size_t)got;
    }
}

struct json read_frame(void) {
    unsigned char head[4];
    receive((char *)head, sizeof head);
    size_t count = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (count == 0 || count > frame_max) die("a frame is empty or too long");
    incoming = realloc(incoming, count + 1);
    if (incoming == NULL) die("no memory for a frame");
    receive(incoming, count);
    incoming[count] = 0;
    frames++;
    return json_read(incoming, incoming + count);
}

FILE *begin_frame(void) {
    stream = open_memstream(&outgoing, &outgoing_size);
    if (stream == NULL) die("no memory for a frame");
    fputs("len ", stream);
    return stream;
}

void end_frame(void) {
    if (fclose(stream) != 0) die("no memory for a frame");
    size_t count = outgoing_size - 4;
    if (count > frame_max) die("a frame of its own is too long");
    for (int i = 0; i < 4; i++) outgoing[i] = (char)(count >> (24 - 8 * i));
    for (char *at = outgoing; outgoing_size > 0;) {
        ssize_t put = write(CHANNEL, at, outgoing_size);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) exit(0);
        at += put;
        outgoing_size -= (size_t)put;
    }
    free(outgoing);
}
