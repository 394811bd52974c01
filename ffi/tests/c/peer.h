/* The other end of a port: a pseudo-terminal, and a thread that plays what a modem says there. */
#ifndef PEER_H
#define PEER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "case_file.h"

struct peer {
    char path[128];    /* the port that the driver opens */
    int master;
    int slave;         /* kept open, so that the terminal lives between two clients */
    int enough[2];     /* written to when the script need not go on */
    pthread_t thread;
    const struct step *steps;
    size_t step_count;
    char problem[1024]; /* what went wrong, or "" */
};

void peer_open(struct peer *peer);
/* Unplugs the port. */
void peer_close(struct peer *peer);

/* Plays the steps in a thread of its own: exactly the bytes that the driver is to send, and the modem's answers. */
void peer_start(struct peer *peer, const struct step *steps, size_t count);
/* Waits for the end of the script: true if all of it was played; problem tells otherwise. With `enough` it ends now. */
bool peer_end(struct peer *peer, bool enough);

/* A script of lines and their answers: LINE, ANSWER, LINE, ANSWER, ..., NULL. */
struct step *peer_script(const char *const *texts, size_t *count);
void peer_script_free(struct step *steps, size_t count);

#endif
