/* The frames of RFC 002, to and from descriptor 3. */
#ifndef CHANNEL_H
#define CHANNEL_H

#include "json.h"

#include <stdio.h>

void open_channel(void);

/* Waits for a frame; false when it did not come within that many milliseconds. -1 waits for ever. */
bool wait_for_frame(int milliseconds);

/* The next frame, valid until the one after it; none if it is not JSON. When the bridge is gone the process ends. */
struct json read_frame(void);
/* How many frames were read. */
uint64_t frames_read(void);

/* No frame may be longer; 64 MiB until the bridge says otherwise. */
void limit_frames(uint64_t bytes);

/* What is written between the two is one frame. */
FILE *begin_frame(void);
void end_frame(void);

/* Ends the process, and says why on standard error, which the bridge logs. */
_Noreturn void die(const char *why);

#endif
