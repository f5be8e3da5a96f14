/* What a rubric is to the worker: some facts and a function. */
#ifndef RUBRIC_H
#define RUBRIC_H

#include "json.h"

#include <stddef.h>

enum status { FAILED, UNSCORED, SCORED };

/* Texts are constants: they are kept until the outcome is sent, and go into JSON as they are. */
struct outcome {
    enum status status;
    double reward;
    /* One of RFC 002's kinds, of what is not scored. */
    const char *kind;
    const char *message;
    /* The parts of the reward, a JSON array; NULL: none. */
    const char *components;
    /* Seconds from now until the outcome is there. Only of rubrics that say `"async": true`. */
    double delay;
};

struct rubric {
    const char *name;
    /* Members of the description in `loaded`. */
    const char *description;
    /* Takes the component's `args`; NULL, or why they will not do. May itself be NULL. */
    const char *(*configure)(struct json args);
    /* Bytes kept for each episode, zero at its beginning; 0: the rubric has no state. */
    size_t state_size;
    struct outcome (*score)(struct json record, void *state);
};

/* The rubric that a target names behind its last colon, as in `scorer:brevity`; NULL: there is none. */
const struct rubric *find_rubric(struct json target);
/* What to tell who named none. */
extern const char *const rubric_names;

#endif
