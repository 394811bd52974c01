/* The call of a protocol case, made through the C API. */
#ifndef CASE_CALL_H
#define CASE_CALL_H

#include "case_file.h"
#include "nlftp.h"

/* How calls are made. */
enum call_mode {
    CALL_BLOCKING, /* op is NULL */
    CALL_DISPATCH, /* with op, followed by poll and nlftp_modem_dispatch */
    CALL_ENTRIES   /* listings entry by entry; there is no other call in this mode */
};

struct call_verb;

struct call {
    const struct call_verb *verb;
    const char *rest;      /* of the line, behind the verb */
    char *line;            /* a copy, in words */
    const char *words[16]; /* as they stand in the table */
    size_t word_count;
    struct bytes texts[16]; /* what they say */

    /* what blocking calls write to */
    char *text;
    nlftp_lines *lines;
    nlftp_listing *listing;
    bool connected;
    char memory[16384];
    size_t memory_size;
};

void call_read(struct call *call, const struct protocol_case *of);
void call_free(struct call *call);

bool call_is_login(const struct call *call);
bool call_is_list(const struct call *call);
/* Why the call cannot be made in C, or NULL. */
const char *call_inexpressible(const struct call *call);

/* Makes the call and compares what it gives with what the case says: NULL, or what is wrong, to be freed. */
char *call_check(struct call *call, nlftp_modem *modem, enum call_mode mode, const struct protocol_case *expected);

/* Follows an operation as an event loop does, to its end; its status. */
nlftp_status call_follow(nlftp_modem *modem, nlftp_op *op);

#endif
