/**
 * nlftp_sim: a virtual NL668 modem with an FTP server behind it, for tests in C and C++.
 *
 * Each one has a serial port of its own (a pseudo-terminal), which nlftp or any other program opens as it opens a real
 * modem's. Link with -lnlftp_sim; libnlftp does not contain it.
 *
 *     nlftp_sim *sim;
 *     const char *port;
 *     if (nlftp_sim_start(NULL, &sim) != NLFTP_SIM_OK || nlftp_sim_port(sim, &port) != NLFTP_SIM_OK) {
 *         fprintf(stderr, "%s\n", nlftp_sim_last_error());
 *         return 1;
 *     }
 *     // ... open port, move files, look at them in the folder that nlftp_sim_root tells ...
 *     nlftp_sim_stop(sim);
 *
 * What holds for every function:
 *  - It returns a status. NLFTP_SIM_OK is 0; after any other but NLFTP_SIM_NO_VALUE, nlftp_sim_last_error() says in a
 *    sentence what was wrong.
 *  - Results are written only where the status is NLFTP_SIM_OK.
 *  - NULL for a pointer is NLFTP_SIM_INVALID_ARGUMENT where the function does not say what else it means.
 *  - It may be called from any thread, and from several at once with the same handle. Not from a signal handler.
 *  - A handle that was stopped or freed, or that a forked child has from its parent, is NLFTP_SIM_CLOSED; nothing of the
 *    parent's is touched.
 *  - Text is NUL-terminated and belongs to the library; how long it lives is said where it is given.
 *  - It does not block, but for nlftp_sim_start() and nlftp_sim_stop().
 */


#ifndef NLFTP_SIM_H
#define NLFTP_SIM_H

/* Made by cbindgen from the crate in sim/: change it there. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What every call answers. Numbers are never used again for something else.
 */
typedef enum {
    /**
     * It was done.
     */
    NLFTP_SIM_OK = 0,
    /**
     * NULL, an unknown option, or a value that cannot be.
     */
    NLFTP_SIM_INVALID_ARGUMENT = 2,
    /**
     * The system did not give what is needed: a pseudo-terminal, a folder, a socket, a thread.
     */
    NLFTP_SIM_SYSTEM = 3,
    /**
     * The handle was stopped or freed before, or belongs to the process that forked this one.
     */
    NLFTP_SIM_CLOSED = 11,
    /**
     * A bug of the library was stopped at its boundary.
     */
    NLFTP_SIM_PANIC = 13,
    /**
     * Not an error: there is no such value.
     */
    NLFTP_SIM_NO_VALUE = 16,
} nlftp_sim_status;

/**
 * A running virtual modem with its FTP server.
 */
typedef struct nlftp_sim nlftp_sim;

/**
 * How a virtual modem is to be.
 */
typedef struct nlftp_sim_options nlftp_sim_options;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The library's version, such as "0.1.0". It lives as long as the process.
 */
const char *nlftp_sim_version(void);

/**
 * A sentence about the calling thread's last failure, "" before the first. It belongs to the library and lives until
 * the next failure on this thread, or the thread's end.
 */
const char *nlftp_sim_last_error(void);

/**
 * Makes options with every default. They are yours: free them with nlftp_sim_options_free().
 */
nlftp_sim_status nlftp_sim_options_new(nlftp_sim_options **options);

/**
 * Frees options. NULL is NLFTP_SIM_OK.
 */
nlftp_sim_status nlftp_sim_options_free(nlftp_sim_options *options);

/**
 * Sets an option by its name, as `nlftp sim --NAME VALUE` does; what was set before is replaced. Both texts are copied.
 *
 *  - "link": a path at which to make a symbolic link to the port, until it is stopped
 *  - "root": the folder that the embedded FTP server serves; default a temporary one, deleted at the end
 *  - "user", "password": the embedded server's login; default "nlftp" and "nlftp"
 *  - "server": "HOST:PORT", the FTP server to which every connection goes, in place of the embedded one. Without it the
 *    embedded server stands for every host but this machine's own, so that programs can name the one of the field.
 *  - "baud": the pace of the port in bits per second; default as fast as it goes
 *  - "turnaround": milliseconds before a command is answered; default "0"
 *  - "dtr": what a drop of the DTR line does: "present" (ends the data phase; the default), "ignored", or "absent"
 *  - "detached": "true" to start without a data connection, so that a program has to attach first; default "false"
 *  - "apn-user", "apn-password": the login without which the access point lets nobody attach; default none
 *  - "dialect": how the firmware reads the manual, as "name=value" pairs with commas between them, such as
 *    "colon=tight,error=cme"; a name or value that there is not is answered with those that there are
 *  - "faults": what goes wrong on the line, each so many times in a million bytes: "seed=7,drop=10,double=10,flip=10,
 *    delay=5,urc=20,reset=1,unplug=1" or some of these; the same for the same seed and bytes; default none
 *
 * NLFTP_SIM_INVALID_ARGUMENT: there is no such option, or the value cannot be; nothing was changed.
 */
nlftp_sim_status nlftp_sim_options_set(nlftp_sim_options *options, const char *name, const char *value);

/**
 * Starts a virtual modem with its FTP server; a program can use both as soon as this returns. It is yours: end it with
 * nlftp_sim_stop(). The options are copied and stay yours; NULL stands for every default.
 *
 * Blocks while the port, the server and their threads are made, for milliseconds; a host name in "server" is
 * looked up. The threads inherit the calling thread's signal mask.
 *
 * NLFTP_SIM_INVALID_ARGUMENT: two options exclude each other. NLFTP_SIM_SYSTEM: something could not be had.
 */
nlftp_sim_status nlftp_sim_start(const nlftp_sim_options *options, nlftp_sim **sim);

/**
 * Stops a virtual modem and its server and frees them, with all text that came from them; the port is gone, and so is
 * a temporary folder. NULL is NLFTP_SIM_OK.
 *
 * Blocks until their threads have ended: milliseconds, or up to half a second while a program that has the port open
 * does not read what the modem has said.
 */
nlftp_sim_status nlftp_sim_stop(nlftp_sim *sim);

/**
 * The path of the port to open: the link if one was asked for, else the pseudo-terminal, such as "/dev/pts/5". It
 * lives until nlftp_sim_stop().
 */
nlftp_sim_status nlftp_sim_port(const nlftp_sim *sim, const char **path);

/**
 * The host of the FTP server, to be named to the modem: the embedded server's address, or that of the option "server".
 * It lives until nlftp_sim_stop().
 */
nlftp_sim_status nlftp_sim_host(const nlftp_sim *sim, const char **host);

/**
 * The control port of the FTP server.
 */
nlftp_sim_status nlftp_sim_server_port(const nlftp_sim *sim, uint16_t *port);

/**
 * The user who can log in. It lives until nlftp_sim_stop(). NLFTP_SIM_NO_VALUE with the option "server".
 */
nlftp_sim_status nlftp_sim_user(const nlftp_sim *sim, const char **user);

/**
 * The user's password. It lives until nlftp_sim_stop(). NLFTP_SIM_NO_VALUE with the option "server".
 */
nlftp_sim_status nlftp_sim_password(const nlftp_sim *sim, const char **password);

/**
 * The folder that the FTP server serves: put files there to be downloaded, look there for uploaded ones. It lives until
 * nlftp_sim_stop(). NLFTP_SIM_NO_VALUE with the option "server".
 */
nlftp_sim_status nlftp_sim_root(const nlftp_sim *sim, const char **folder);

/**
 * Makes the modem say a line that nobody asked for, such as "+CREG: 1" (its line end is added). It is copied, and goes
 * out soon, behind a file or listing that is on its way to the host; while the modem is silent it is lost.
 *
 * NLFTP_SIM_INVALID_ARGUMENT: the line is empty, or has a CR or LF in it.
 */
nlftp_sim_status nlftp_sim_send_urc(nlftp_sim *sim, const char *line);

/**
 * Makes the modem a device that takes what is sent and never answers, or lets it speak again.
 */
nlftp_sim_status nlftp_sim_set_silent(nlftp_sim *sim, bool silent);

/**
 * Unplugs the port: whoever has it open is told that it is gone, a moment later, and nobody can open it again. The
 * FTP server goes on.
 */
nlftp_sim_status nlftp_sim_hang_up(nlftp_sim *sim);

/**
 * How many command lines the modem got so far.
 */
nlftp_sim_status nlftp_sim_command_count(const nlftp_sim *sim, size_t *count);

/**
 * A command line that the modem got, as it was sent, passwords and all; the first has the index 0. It lives until
 * nlftp_sim_stop(). A line is there before it is answered. NUL octets are shown as U+FFFD.
 *
 * NLFTP_SIM_NO_VALUE: it has not come yet, or is not kept any more; the last 4096 are.
 */
nlftp_sim_status nlftp_sim_command(const nlftp_sim *sim, size_t index, const char **line);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* NLFTP_SIM_H */
