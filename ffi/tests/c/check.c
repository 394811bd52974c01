#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of this thread. */
static __thread const char *running = "";

static void fail(const char *file, int line)
{
    printf("(%s:%d, in \"%s\"; last error: %s)\n", file, line, running, nlftp_last_error());
    fflush(stdout);
    /* Other threads may hold anything: nothing is cleaned up. */
    _Exit(1);
}

void check_quietly(const char *part) { running = part; }

void check_begin(const char *part)
{
    running = part;
    printf("-- %s\n", part);
    fflush(stdout);
}

void check_that(bool holds, const char *file, int line, const char *what)
{
    if (!holds) {
        printf("FAILED: %s ", what);
        fail(file, line);
    }
}

void check_status(nlftp_status expected, nlftp_status got, const char *file, int line, const char *call)
{
    if (got != expected) {
        printf("FAILED: %s gives %d (%s), not %d (%s) ", call, (int)got, nlftp_status_name(got), (int)expected,
               nlftp_status_name(expected));
        fail(file, line);
    }
}

void check_text(const char *expected, const char *text, bool whole, const char *file, int line)
{
    bool right = text != NULL && (whole ? strcmp(text, expected) == 0 : strstr(text, expected) != NULL);
    if (!right) {
        printf("FAILED: \"%s\" %s \"%s\" ", text ? text : "NULL", whole ? "is not" : "does not contain", expected);
        fail(file, line);
    }
}

void *check_alloc(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);
    if (memory == NULL) {
        printf("FAILED: no memory for %lu bytes ", (unsigned long)size);
        fail(__FILE__, __LINE__);
    }
    return memory;
}

char *check_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(check_alloc(size), text, size);
}
