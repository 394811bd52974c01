/* Every function of nlftp.h that gives a status, in a table made from the header by the harness of the tests. */
#ifndef CALL_TABLE_H
#define CALL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "nlftp.h"

/* What a function is called with. */
struct things {
    nlftp_config *config;
    nlftp_login *login;
    nlftp_transfer_options *options;
    nlftp_modem *modem;
    nlftp_op *op;
    const nlftp_transfer *transfer;
    nlftp_lines *lines;
    nlftp_listing *listing;
    const nlftp_entry *entry;
    nlftp_entries *entries;
    nlftp_info *info;
    char *string;
    int fd;
    void *buffer;
    void *user_data;
    int null_at; /* the place that gets NULL, or -1 */
};

struct api_function {
    const char *name;
    const char *handle;   /* the member of struct things that comes first, or "" */
    int count;            /* of parameters */
    bool is_pointer[10];
    bool may_be_null[10]; /* by the header */
    /* Calls it. Verbs start an operation, which is freed again, unless null_at is the place of op. What it wrote must be
       untouched if it failed, and is freed otherwise. */
    nlftp_status (*call)(const struct things *t);
};

extern const struct api_function api_functions[];
extern const size_t api_function_count;

/* The byte that outputs are filled with before a call. */
#define UNTOUCHED 0x5a
bool is_untouched(const void *output, size_t size);

/* Callbacks that do nothing. */
void on_line(const char *line, void *user_data);
void on_state(nlftp_state state, void *user_data);
void on_progress(uint64_t done, int64_t total, double rate, void *user_data);
void on_log(nlftp_log_level level, const char *message, void *user_data);
nlftp_status read_nothing(void *buffer, size_t size, size_t *count, void *user_data);
nlftp_status write_nothing(const void *data, size_t size, size_t *count, void *user_data);
nlftp_status seek_nowhere(uint64_t offset, void *user_data);

/* One of each from a modem on this port, which is opened and logged in to; closing it is things_free's. */
void things_make(struct things *t, const char *port, const char *host, const char *user, const char *password);
void things_free(struct things *t);

#endif
