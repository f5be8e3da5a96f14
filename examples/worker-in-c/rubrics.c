#define _POSIX_C_SOURCE 200809L
#include "rubric.h"

#include <math.h>
#include <time.h>

/* The action of the step that is scored: the last of the record. */
static struct json action(struct json record) {
    return json_member(json_last(json_member(record, "steps")), "action");
}

static struct outcome scored(double reward) {
    return (struct outcome){.status = SCORED, .reward = reward};
}

static struct outcome failed(const char *kind, const char *message) {
    return (struct outcome){.status = FAILED, .kind = kind, .message = message};
}

/* Brevity: 1 for nothing said, 0 from `limit` characters on. */

static double limit = 280;

static const char *configure_brevity(struct json args) {
    struct json given = json_member(args, "limit");
    if (given.start == NULL) return NULL;
    return json_number(given, &limit) && limit > 0 ? NULL : "args: 'limit' is not a number above 0";
}

static struct outcome brevity(struct json record, void *state) {
    (void)state;
    struct json message = json_member(action(record), "message");
    if (!json_is_string(message)) return failed("exception", "the action has no text 'message'");
    double count = 0;
    uint32_t character;
    for (const char *at = NULL; json_next_character(message, &at, &character);) count++;
    return scored(count < limit ? 1 - count / limit : 0);
}

/* The four rubrics of the contract that every worker can be held against: see RFC 002. */

static struct outcome give(struct json record, void *state) {
    (void)state;
    struct json what = json_member(action(record), "give");
    struct outcome parts = scored(0.5);
    parts.components = "[{\"path\":\"format\",\"kind\":\"metric\",\"raw\":1.0,\"value\":1.0,\"weight\":0.0}]";
    double number;
    if (json_number(what, &number)) return scored(number);
    if (json_equals(what, "true")) return scored(1);
    if (json_equals(what, "nan")) return scored(NAN);
    if (json_equals(what, "infinity")) return scored(INFINITY);
    if (json_equals(what, "parts")) return parts;
    if (json_equals(what, "none")) return (struct outcome){.status = UNSCORED, .kind = "abstained"};
    if (json_equals(what, "raise")) return failed("exception", "no digits");
    return failed("not_a_number", "the rubric gave a text");
}

static struct outcome sum(struct json record, void *state) {
    double *total = state, number = 0;
    json_number(json_member(action(record), "give"), &number);
    return scored(*total += number);
}

static struct outcome wait_for(struct json record, void *state) {
    struct outcome later = give(record, state);
    json_number(json_member(action(record), "seconds"), &later.delay);
    return later;
}

static struct outcome sleep_for(struct json record, void *state) {
    double seconds = 0;
    json_number(json_member(action(record), "seconds"), &seconds);
    if (!(seconds >= 0 && seconds < 3600)) return failed("exception", "an hour is the longest sleep");
    time_t whole = (time_t)seconds;
    nanosleep(&(struct timespec){whole, (long)((seconds - (double)whole) * 1e9)}, NULL);
    return give(record, state);
}

#define OF_STEPS "\"unit\":\"step\",\"needs\":[\"action\"]"

static const struct rubric rubrics[] = {
    {.name = "brevity",
     .description = OF_STEPS ",\"range\":[0,1],\"deterministic\":true",
     .configure = configure_brevity,
     .score = brevity},
    {.name = "give", .description = OF_STEPS, .score = give},
    {.name = "Sum", .description = OF_STEPS ",\"stateful\":true", .state_size = sizeof(double), .score = sum},
    {.name = "wait", .description = OF_STEPS ",\"async\":true", .score = wait_for},
    {.name = "sleep", .description = OF_STEPS, .score = sleep_for},
};

const char *const rubric_names = "brevity, give, Sum, wait, sleep";

static bool ends_in_name(struct json target, const char *name) {
    /* How much of the name was read since the last colon; NULL: something else was. */
    const char *matched = NULL;
    uint32_t character;
    for (const char *at = NULL; json_next_character(target, &at, &character);) {
        if (character == ':') matched = name;
        else if (matched != NULL) matched = character == (unsigned char)*matched && *matched ? matched + 1 : NULL;
    }
    return matched != NULL && *matched == 0;
}

const struct rubric *find_rubric(struct json target) {
    for (size_t i = 0; i < sizeof rubrics / sizeof *rubrics; i++)
        if (ends_in_name(target, rubrics[i].name)) return &rubrics[i];
    return NULL;
}
