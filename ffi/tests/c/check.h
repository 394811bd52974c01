/* Checks of the test programs: one that fails says where and what, and ends the program with status 1. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "nlftp.h"

/* What must not be come to. */
#define CHECK_FAIL(why) check_that(false, __FILE__, __LINE__, why)
/* The condition holds. */
#define CHECK(condition) check_that((condition), __FILE__, __LINE__, #condition)
/* The call gives NLFTP_OK. */
#define CHECK_OK(call) check_status(NLFTP_OK, (call), __FILE__, __LINE__, #call)
/* The call gives this status. */
#define CHECK_IS(status, call) check_status((status), (call), __FILE__, __LINE__, #call)
/* The text is this one, or contains this one. */
#define CHECK_TEXT(expected, text) check_text((expected), (text), true, __FILE__, __LINE__)
#define CHECK_CONTAINS(part, text) check_text((part), (text), false, __FILE__, __LINE__)

void check_that(bool holds, const char *file, int line, const char *what);
void check_status(nlftp_status expected, nlftp_status got, const char *file, int line, const char *call);
void check_text(const char *expected, const char *text, bool whole, const char *file, int line);

/* Memory, or the end of the program. */
void *check_alloc(size_t size);
/* A copy of the text, to be freed. */
char *check_copy(const char *text);

/* The part of the program that runs now in this thread, for the messages of failures; the first tells of it, too. */
void check_begin(const char *part);
void check_quietly(const char *part);

#endif
