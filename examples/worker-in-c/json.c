#include "json.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 512 };

static const struct json none;

static const char *skip_value(const char *at, const char *end, int depth);

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
    return at;
}

/* These return where a thing ends, or NULL when it is not whole. */

static const char *skip_string(const char *at, const char *end) {
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\') at++;
    return at < end ? at + 1 : NULL;
}

static const char *skip_scalar(const char *at, const char *end) {
    static const char *const words[] = {"true", "false", "null", "NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (length <= (size_t)(end - at) && memcmp(at, words[i], length) == 0) return at + length;
    }
    if (at == end || (*at != '-' && (*at < '0' || *at > '9'))) return NULL;
    /* strtod(3) takes hexadecimal as well, which stops here at the x. */
    const char *after = at + strspn(at, "+-.0123456789eE");
    char *stopped;
    strtod(at, &stopped);
    return stopped == after ? after : NULL;
}

static const char *skip_name(const char *at, const char *end) {
    if (at == end || *at != '"' || (at = skip_string(at, end)) == NULL) return NULL;
    at = skip_space(at, end);
    return at < end && *at == ':' ? skip_space(at + 1, end) : NULL;
}

static const char *skip_container(const char *at, const char *end, int depth) {
    bool is_object = *at == '{';
    char closing = is_object ? '}' : ']';
    at = skip_space(at + 1, end);
    if (at < end && *at == closing) return at + 1;
    while (depth < DEPTH_MAX) {
        if (is_object && (at = skip_name(at, end)) == NULL) return NULL;
        if ((at = skip_value(at, end, depth + 1)) == NULL) return NULL;
        at = skip_space(at, end);
        if (at == end || (*at != ',' && *at != closing)) return NULL;
        if (*at == closing) return at + 1;
        at = skip_space(at + 1, end);
    }
    return NULL;
}

static const char *skip_value(const char *at, const char *end, int depth) {
    if (at == end) return NULL;
    if (*at == '"') return skip_string(at, end);
    if (*at == '{' || *at == '[') return skip_container(at, end, depth);
    return skip_scalar(at, end);
}

struct json json_read(const char *start, const char *end) {
    start = skip_space(start, end);
    const char *after = skip_value(start, end, 0);
    if (after == NULL || skip_space(after, end) != end) return none;
    return (struct json){start, after};
}

/* From here on a value is known to be whole. */

static bool begins_with(struct json value, char first) {
    return value.start != NULL && *value.start == first;
}

bool json_is_string(struct json value) {
    return begins_with(value, '"');
}

bool json_is_array(struct json value) {
    return begins_with(value, '[');
}

static struct json value_at(const char *at, const char *end) {
    return (struct json){at, skip_value(at, end, 0)};
}

/* The start of what follows an element or a member; NULL behind the last. `at` begins as NULL. */
static const char *next_start(struct json container, const char *at) {
    bool is_first = at == NULL;
    at = skip_space(is_first ? container.start + 1 : at, container.end);
    if (*at == '}' || *at == ']') return NULL;
    return is_first ? at : skip_space(at + 1, container.end);
}

struct json json_member(struct json object, const char *name) {
    struct json found = none;
    if (!begins_with(object, '{')) return none;
    for (const char *at = NULL; (at = next_start(object, at)) != NULL;) {
        struct json key = value_at(at, object.end);
        struct json value = value_at(skip_name(at, object.end), object.end);
        if (json_equals(key, name)) found = value;
        at = value.end;
    }
    return found;
}

struct json json_next(struct json array, struct json last) {
    const char *at = json_is_array(array) ? next_start(array, last.end) : NULL;
    return at != NULL ? value_at(at, array.end) : none;
}

struct json json_last(struct json array) {
    struct json last = none, element = none;
    while ((element = json_next(array, element)).start != NULL) last = element;
    return last;
}

static uint32_t hexadecimal(const char *digits) {
    char text[5] = {0};
    strncpy(text, digits, 4);
    return (uint32_t)strtoul(text, NULL, 16);
}

static uint32_t escaped(const char **at) {
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    char letter = *(*at)++;
    const char *position = strchr(letters, letter);
    if (position != NULL) return (uint32_t)meanings[position - letters];
    if (letter != 'u') return (unsigned char)letter;
    uint32_t unit = hexadecimal(*at);
    *at += 4;
    bool is_pair = unit >= 0xD800 && unit < 0xDC00 && (*at)[0] == '\\' && (*at)[1] == 'u';
    uint32_t low = is_pair ? hexadecimal(*at + 2) : 0;
    if (low < 0xDC00 || low > 0xDFFF) return unit;
    *at += 6;
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

bool json_next_character(struct json string, const char **at, uint32_t *character) {
    if (!json_is_string(string)) return false;
    if (*at == NULL) *at = string.start + 1;
    if (*at >= string.end - 1) return false;
    unsigned char byte = (unsigned char)*(*at)++;
    *character = byte;
    if (byte == '\\') *character = escaped(at);
    if (byte < 0xC0) return true;
    *character = byte < 0xE0 ? byte & 0x1F : byte < 0xF0 ? byte & 0x0F : byte & 0x07;
    while (((unsigned char)**at & 0xC0) == 0x80) *character = *character << 6 | ((unsigned char)*(*at)++ & 0x3F);
    return true;
}

bool json_equals(struct json value, const char *text) {
    const char *at = NULL;
    uint32_t character;
    while (json_next_character(value, &at, &character))
        if ((unsigned char)*text == 0 || character != (unsigned char)*text++) return false;
    return at != NULL && *text == 0;
}

bool json_number(struct json value, double *number) {
    if (value.start == NULL || strchr("-0123456789NI", *value.start) == NULL) return false;
    *number = strtod(value.start, NULL);
    return true;
}

uint64_t json_integer(struct json value) {
    return value.start != NULL && *value.start >= '0' && *value.start <= '9' ? strtoull(value.start, NULL, 10) : 0;
}
