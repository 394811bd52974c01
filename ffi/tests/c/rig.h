/* A virtual modem with its FTP server, and a handle that drives it. */
#ifndef RIG_H
#define RIG_H

#include <stdbool.h>
#include <stddef.h>

#include "nlftp.h"
#include "nlftp_sim.h"

struct rig {
    nlftp_sim *sim;
    const char *port;
    const char *root; /* the folder that the FTP server serves */
    nlftp_modem *modem;
    nlftp_login *login;
    int fd; /* the modem's */
};

/* Starts the virtual modem and makes the handle; nothing is opened. An option that is NULL is not set. */
void rig_start(struct rig *rig, const char *option, const char *value);
/* Opens the port and logs in, blocking. */
void rig_connect(struct rig *rig);
/* Frees the handle and stops the virtual modem. */
void rig_stop(struct rig *rig);

/* Waits as an event loop does until there is something to dispatch, for as long as it takes. */
void rig_wait(const struct rig *rig);
/* Runs the event loop until this operation was handed out; its status. */
nlftp_status rig_follow(const struct rig *rig, nlftp_op *op);
/* Dispatches until the descriptor says that there is no more to do. */
void rig_settle(const struct rig *rig);

/* A handle on that port, with limits that a loaded machine keeps. */
nlftp_modem *new_modem_on(const char *port);

/* Bytes that look like anything, the framing characters of a data phase too; to be freed. */
char *make_data(size_t size, unsigned int seed);
/* The content of a file is these bytes. */
bool file_holds(const char *path, const char *data, size_t size);
/* Writes a file as a whole. */
void write_file(const char *path, const char *data, size_t size);
/* FOLDER/NAME, to be freed. */
char *path_in(const char *folder, const char *name);
/* An operation that has ended well moved so many bytes, and the size was checked. */
void expect_transfer(nlftp_op *op, uint64_t bytes);

#define SIM_OK(call) CHECK((call) == NLFTP_SIM_OK)

#endif
