/* The tables of protocol cases: core/tests/cases/protocol.cases tells of their format. */
#ifndef CASE_FILE_H
#define CASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
    char *data; /* with a NUL behind it that does not count */
    size_t length;
};

/* What the driver sends, or what the modem answers. */
struct step {
    bool sends;
    struct bytes bytes;
};

struct protocol_case {
    char *name;
    char *call;
    struct step *steps;
    size_t step_count;
    bool ok;
    struct bytes value; /* if ok */
    char *kind;         /* of the error: the name of its status */
    char *text;         /* a part of its sentence */
};

struct case_table {
    struct protocol_case *cases;
    size_t count;
};

/* Adds the cases of a file; anything odd in it ends the program. */
void case_table_read(struct case_table *table, const char *path);
void case_table_free(struct case_table *table);

/* \r, \n, \\, \s for a blank, and \xHH. */
struct bytes unescape(const char *text);
/* A word of a call: x*256 is 256 times x. */
struct bytes unescape_word(const char *word);

#endif
