/* A worker for RewardBridge: RFC 002 from `hello` to `stop`, around the rubrics of rubrics.c. */
#define _POSIX_C_SOURCE 200809L
#include "channel.h"
#include "rubric.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WAITING_MAX = 1024 };

struct episode {
    struct episode *next;
    void *state;
    char key[64];
};

struct waiting {
    double due;
    uint64_t id;
    struct outcome outcome;
};

static const struct rubric *rubric;
static bool is_stopping;
static struct episode *episodes;
/* Outcomes that are there later, of an asynchronous rubric; in no order. */
static struct waiting waiting[WAITING_MAX];
static size_t waiting_count;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* What the worker says. */

static void send_hello(void) {
    FILE *frame = begin_frame();
    fputs("{\"type\":\"hello\",\"protocols\":[1],\"implementation\":\"worker-in-c 1\",", frame);
    fprintf(frame, "\"pid\":%ld,\"runtime\":{\"name\":\"c\",\"version\":\"11\"}}", (long)getpid());
    end_frame();
}

static void send_loaded(struct json target) {
    const char *file = target.start + 1;
    FILE *frame = begin_frame();
    fprintf(frame, "{\"type\":\"loaded\",\"description\":{%s,", rubric->description);
    fputs("\"library\":{\"name\":\"worker-in-c\",\"version\":\"1\"},\"distributions\":[],", frame);
    /* Still as JSON wrote it: the part of the target before the rubric's name. */
    fprintf(frame, "\"modules\":[\"%.*s\"]}}", (int)strcspn(file, ":"), file);
    end_frame();
}

static _Noreturn void refuse(const char *message, const char *hint) {
    FILE *frame = begin_frame();
    fprintf(frame, "{\"type\":\"refused\",\"kind\":\"exception\",\"message\":\"%s\"", message);
    if (hint != NULL) fprintf(frame, ",\"hint\":\"its rubrics: %s\"", hint);
    fputs("}", frame);
    end_frame();
    exit(0);
}

static void send_outcome(uint64_t id, struct outcome outcome, uint64_t run_us) {
    FILE *frame = begin_frame();
    fprintf(frame, "{\"type\":\"outcome\",\"id\":%" PRIu64 ",\"run_us\":%" PRIu64 ",", id, run_us);
    if (outcome.status == SCORED && !isfinite(outcome.reward))
        outcome = (struct outcome){.kind = "not_finite", .message = "the rubric gave no finite number"};
    if (outcome.status == SCORED) {
        fprintf(frame, "\"status\":\"scored\",\"reward\":%.17g", outcome.reward);
    } else {
        const char *status = outcome.status == FAILED ? "failed" : "unscored";
        fprintf(frame, "\"status\":\"%s\",\"kind\":\"%s\"", status, outcome.kind);
    }
    if (outcome.message != NULL) fprintf(frame, ",\"message\":\"%s\"", outcome.message);
    if (outcome.components != NULL) fprintf(frame, ",\"components\":%s", outcome.components);
    fputs("}", frame);
    end_frame();
}

static void send_unreadable(void) {
    fprintf(begin_frame(), "{\"type\":\"unreadable\",\"frame\":%" PRIu64 "}", frames_read());
    end_frame();
}

/* Episodes of a rubric with state. */

/* Where the link to an episode is, or where one to a new episode belongs. */
static struct episode **find_episode(struct json key) {
    struct episode **link = &episodes;
    while (*link != NULL && !json_equals(key, (*link)->key)) link = &(*link)->next;
    return link;
}

static void open_episode(struct json key) {
    struct episode **link = find_episode(key);
    if (*link != NULL || rubric->state_size == 0) return;
    struct episode *episode = calloc(1, sizeof *episode);
    if (episode == NULL || (episode->state = calloc(1, rubric->state_size)) == NULL) die("no memory for an episode");
    /* The key is plain text: nothing in it is escaped. */
    size_t length = (size_t)(key.end - key.start) - 2;
    if (length >= sizeof episode->key) die("the name of an episode is too long");
    memcpy(episode->key, key.start + 1, length);
    *link = episode;
}

static void close_episode(struct json key) {
    struct episode **link = find_episode(key), *episode = *link;
    if (episode == NULL) return;
    *link = episode->next;
    free(episode->state);
    free(episode);
}

/* What the bridge says. */

static void load(struct json message) {
    struct json component = json_member(message, "component");
    struct json target = json_member(component, "target");
    if (json_integer(json_member(message, "protocol")) != 1) die("the bridge speaks another protocol");
    limit_frames(json_integer(json_member(message, "frame_max")));
    rubric = find_rubric(target);
    if (rubric == NULL) refuse("the target names no rubric of this worker", rubric_names);
    const char *reason = rubric->configure ? rubric->configure(json_member(component, "args")) : NULL;
    if (reason != NULL) refuse(reason, NULL);
    send_loaded(target);
}

static struct outcome outcome_of(struct json message) {
    void *state = NULL;
    if (rubric->state_size > 0) {
        struct episode *episode = *find_episode(json_member(message, "episode"));
        if (episode == NULL) return (struct outcome){.kind = "state_lost", .message = "the episode is not open"};
        state = episode->state;
    }
    return rubric->score(json_member(message, "record"), state);
}

static void score(struct json message) {
    double start = now();
    uint64_t id = json_integer(json_member(message, "id"));
    struct outcome outcome = outcome_of(message);
    if (outcome.delay > 0 && waiting_count < WAITING_MAX) {
        waiting[waiting_count++] = (struct waiting){start + outcome.delay, id, outcome};
        return;
    }
    if (outcome.delay > 0) outcome = (struct outcome){.kind = "overloaded", .message = "too many calls at a time"};
    send_outcome(id, outcome, (uint64_t)((now() - start) * 1e6));
}

static void handle(struct json message) {
    struct json type = json_member(message, "type");
    struct json episode = json_member(message, "episode");
    bool is_load = json_equals(type, "load");
    if (is_load != (rubric == NULL)) die("a message out of turn");
    if (is_load) load(message);
    else if (json_equals(type, "score")) score(message);
    else if (json_equals(type, "open")) open_episode(episode);
    else if (json_equals(type, "close")) close_episode(episode);
    else if (json_equals(type, "stop")) is_stopping = true;
    else die("a message of unknown type");
}

static void handle_frame(struct json frame) {
    if (frame.start == NULL) send_unreadable();
    else if (!json_is_array(frame)) handle(frame);
    else for (struct json message = {0}; (message = json_next(frame, message)).start != NULL;) handle(message);
}

/* Outcomes that are there later. */

/* Milliseconds until the next one; -1: none waits. */
static int time_left(void) {
    if (waiting_count == 0) return -1;
    double seconds = 60, start = now();
    for (size_t i = 0; i < waiting_count; i++)
        if (waiting[i].due - start < seconds) seconds = waiting[i].due - start;
    return seconds > 0 ? (int)(seconds * 1e3) + 1 : 0;
}

static void send_due(void) {
    for (size_t i = waiting_count; i-- > 0;) {
        struct waiting late = waiting[i];
        if (late.due > now()) continue;
        waiting[i] = waiting[--waiting_count];
        send_outcome(late.id, late.outcome, (uint64_t)(late.outcome.delay * 1e6));
    }
}

int main(void) {
    open_channel();
    send_hello();
    while (!is_stopping || waiting_count > 0) {
        if (wait_for_frame(time_left())) handle_frame(read_frame());
        send_due();
    }
    return 0;
}
