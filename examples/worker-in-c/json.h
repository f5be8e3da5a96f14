/* Reads JSON text in place: a value is a span of the text, and nothing is built or copied. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdint.h>

/* One value, without the white space around it. `start` is NULL where there is none; every function takes that too. */
struct json {
    const char *start, *end;
};

/* The text from `start` up to `end`, where there must be a NUL, if it is one whole value. */
struct json json_read(const char *start, const char *end);

/* The value of an object's member; of several with that name the last, as Python takes it. */
struct json json_member(struct json object, const char *name);

/* The element after `last`, or the first one if `last` is none. */
struct json json_next(struct json array, struct json last);
struct json json_last(struct json array);

bool json_is_string(struct json value);
bool json_is_array(struct json value);
/* Whether a value is the string `text`, however it is escaped. */
bool json_equals(struct json value, const char *text);
/* Takes the next code point off a string: `*at` begins as NULL. False at its end, and for what is no string. */
bool json_next_character(struct json string, const char **at, uint32_t *character);

/* False for what is no number. NaN and infinities are numbers: Python's json writes and reads them. */
bool json_number(struct json value, double *number);
/* An integer that is not negative; 0 for anything else. */
uint64_t json_integer(struct json value);

#endif
