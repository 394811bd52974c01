/**
 * nlftp: moves files over FTP through a Fibocom NL668 or NL661 cellular module on a serial port.
 *
 * The module holds the network connections; the library drives it with AT commands ("manual" below is the
 * vendor's "AT Commands User Manual - FTP", V1.0.6). Link with -lnlftp.
 *
 *     nlftp_config *config = NULL;
 *     nlftp_login *login = NULL;
 *     nlftp_modem *modem = NULL;
 *     if (nlftp_config_new("/dev/ttyUSB2", &config) || nlftp_modem_new(config, &modem)
 *             || nlftp_login_new("ftp.example.com", "user", "secret", &login)
 *             || nlftp_modem_open(modem, NULL) || nlftp_modem_attach(modem, "CTNET", NULL, NULL)
 *             || nlftp_ftp_open(modem, login, NULL)
 *             || nlftp_ftp_put_file(modem, "report.csv", "report.csv", NULL, NULL)
 *             || nlftp_ftp_get_file(modem, "config.json", "config.json", NULL, NULL)
 *             || nlftp_modem_close(modem, NULL))
 *         fprintf(stderr, "%s: %s\n", nlftp_status_name(nlftp_last_error_status()), nlftp_last_error());
 *     nlftp_modem_free(modem);
 *     nlftp_login_free(login);
 *     nlftp_config_free(config);
 *
 * Statuses. Every call returns one (but for a few that return a text). NLFTP_OK is 0. Results are written
 * only where it is NLFTP_OK. Otherwise nlftp_last_error() has a sentence that says the cause and what to
 * do, and its details; it is each thread's own. NLFTP_PENDING, NLFTP_AGAIN and NLFTP_NO_VALUE are no
 * errors.
 *
 * Arguments. NULL is NLFTP_INVALID_ARGUMENT wherever a function does not say what else it means, and so
 * is a number that is none of its enum. Nothing is sent before all arguments are checked. Text is
 * NUL-terminated; names and paths are octets, passed on as they are.
 *
 * Ownership. What a call gives in a parameter without const is the caller's, who frees it with the
 * function of its type. What is const is a part of something else, and lives as long as that. The library
 * keeps no pointer of the caller's when a call returns, but for user data, and for the memory of
 * put_memory and get_memory until the operation has ended or was freed. Free operations before or after
 * their modem.
 *
 * Waiting and event loops. Each verb has a parameter op as its last one. With NULL the call starts the
 * verb, waits for its end, and gives its result. Otherwise it returns at once, *op is the started
 * operation, and its result comes from nlftp_op_...() when it has ended; it moves on in nlftp_op_wait(),
 * or in an event loop:
 *
 *     nlftp_op *done;
 *     poll(...);                                       wait for nlftp_modem_fd() to be readable, among other things
 *     while (!nlftp_modem_dispatch(modem, &done) && done) { ... nlftp_op_status(done) ... nlftp_op_free(done); }
 *
 * Threads. A modem and its operations may be used from any number of threads at once. So may results,
 * which never change. Configs, logins and options are set by one thread at a time: a second one gets
 * NLFTP_BUSY. Only nlftp_modem_cancel() and nlftp_op_cancel() may be called in a signal handler.
 *
 * Callbacks run on the thread that calls nlftp_modem_dispatch(), nlftp_op_wait(), nlftp_entries_next() or
 * a verb that waits; only the log callback runs on any thread. Starting operations, cancelling, freeing
 * operations and setting callbacks work in one; what would wait is NLFTP_WOULD_DEADLOCK.
 *
 * Signals. The library's threads block all of them, but for those of a fault, so that they go to the
 * program's. Writing to a pipe or socket of the program's whose reader has gone is NLFTP_LOCAL_FILE, and
 * never SIGPIPE. No disposition and no mask of the program's is changed.
 *
 * Processes. In a child of fork(), modems, operations and iterations of the parent are NLFTP_CLOSED:
 * nothing of the parent's is touched, and freeing them frees no more than they are. New ones work.
 *
 * Forbidden, and undefined: using or freeing a handle after it was freed (builds of the library with
 * debug assertions catch it: NLFTP_CLOSED); freeing one while another thread uses it; leaving a callback
 * by longjmp() or a C++ exception; a pointer that leads to something else than its type says.
 */

#ifndef NLFTP_H
#define NLFTP_H

/* Made by cbindgen from the crate in ffi/: change it there. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The version of this header; nlftp_version() is that of the library. */
#define NLFTP_VERSION_MAJOR 0
#define NLFTP_VERSION_MINOR 1
#define NLFTP_VERSION_PATCH 0
#define NLFTP_VERSION "0.1.0"

/**
 * What every function returns. The numbers of the errors are also the exit statuses of the program
 * nlftp; one that is given up is never used again.
 */
typedef enum {
    /**
     * Success. Only then are results written.
     */
    NLFTP_OK = 0,
    /**
     * An argument was refused before a byte was sent.
     */
    NLFTP_INVALID_ARGUMENT = 2,
    /**
     * The serial port could not be opened, is taken, or was lost.
     */
    NLFTP_PORT = 3,
    /**
     * The modem did not answer in time, or the deadline of the call passed.
     */
    NLFTP_TIMEOUT = 4,
    /**
     * The modem answered ERROR, +CME ERROR or +CMS ERROR.
     */
    NLFTP_COMMAND = 5,
    /**
     * The FTP server refused.
     */
    NLFTP_REFUSED = 6,
    /**
     * There is no FTP connection: it was never opened, was lost, or could not be opened.
     */
    NLFTP_NOT_CONNECTED = 7,
    /**
     * Another operation held the modem until the deadline of this one, or another thread the handle.
     */
    NLFTP_BUSY = 8,
    /**
     * A transfer began and did not end whole.
     */
    NLFTP_TRANSFER = 9,
    /**
     * A local file could not be read or written, or a callback of a transfer gave up.
     */
    NLFTP_LOCAL_FILE = 10,
    /**
     * The handle was closed, is a forked child's copy, or (in debug builds of the library) was freed.
     */
    NLFTP_CLOSED = 11,
    /**
     * Waiting inside a callback would wait for itself: start an operation there, and wait for it
     * outside.
     */
    NLFTP_WOULD_DEADLOCK = 12,
    /**
     * A bug of the library was stopped. The handle is of no more use but to be freed; the process
     * lives.
     */
    NLFTP_PANIC = 13,
    /**
     * Not an error: the operation still runs.
     */
    NLFTP_PENDING = 14,
    /**
     * Not an error: a callback of a transfer has nothing to give, or no room, right now.
     */
    NLFTP_AGAIN = 15,
    /**
     * Not an error: there is no such value, as at the end of a list.
     */
    NLFTP_NO_VALUE = 16,
    /**
     * The operation was cancelled.
     */
    NLFTP_CANCELLED = 130,
} nlftp_status;

/**
 * How the serial line holds a sender back (V.250 AT+IFC).
 */
typedef enum {
    /**
     * Nothing holds it back. On a real UART, fast downloads go by block then.
     */
    NLFTP_FLOW_NONE = 0,
    /**
     * The RTS and CTS lines, on both sides.
     */
    NLFTP_FLOW_RTS_CTS = 1,
    /**
     * XON and XOFF characters. Binary data holds both of them: a warning says so.
     */
    NLFTP_FLOW_XON_XOFF = 2,
} nlftp_flow_control;

/**
 * Which field of FTPOPEN says whether the connection is encrypted. The manual contradicts itself
 * (1.2.1), and the wrong order could send a password in clear, so that it is never found out by
 * trying.
 */
typedef enum {
    /**
     * The eighth, as the syntax has it.
     */
    NLFTP_TLS_FIELD_EIGHTH = 0,
    /**
     * The seventh, as the example has it.
     */
    NLFTP_TLS_FIELD_SEVENTH = 1,
} nlftp_tls_field;

/**
 * Which field of FTPOPEN is the port of the server where there is no TLS (manual 1.2.1).
 */
typedef enum {
    /**
     * The sixth, as the syntax has it.
     */
    NLFTP_PORT_FIELD_SIXTH = 0,
    /**
     * The fifth, as the example has it.
     */
    NLFTP_PORT_FIELD_FIFTH = 1,
} nlftp_port_field;

/**
 * Which of the module's ways a transfer takes.
 */
typedef enum {
    /**
     * Block for downloads that nothing could hold back, stream otherwise.
     */
    NLFTP_VIA_AUTO = 0,
    /**
     * FTPSTOR and FTPRETR: all in one run, with an end mark (manual 1.2.15, 1.2.16).
     */
    NLFTP_VIA_STREAM = 1,
    /**
     * FTPPUT, and FTPGET with FTPRECV: counted pieces (manual 1.2.18 to 1.2.20).
     */
    NLFTP_VIA_BLOCK = 2,
} nlftp_via;

/**
 * The representation type of a transfer (RFC 959, 3.1.1).
 */
typedef enum {
    /**
     * TYPE I: every byte as it is.
     */
    NLFTP_TYPE_BINARY = 0,
    /**
     * TYPE A: module and server may change line ends; sizes cannot be checked.
     */
    NLFTP_TYPE_ASCII = 1,
} nlftp_file_type;

/**
 * How a transfer is checked once its bytes have moved.
 */
typedef enum {
    /**
     * The size in the server's listing must agree. A flipped byte goes unseen.
     */
    NLFTP_VERIFY_SIZE = 0,
    /**
     * A second download must have the same SHA-256 digest. Costs the line time of the whole file.
     */
    NLFTP_VERIFY_READBACK = 1,
    /**
     * Nothing is checked beyond the module's own outcome.
     */
    NLFTP_VERIFY_NONE = 2,
} nlftp_verify;

/**
 * What checked a transfer in the end.
 */
typedef enum {
    /**
     * Nothing could be, or was asked to be, checked; a warning says why.
     */
    NLFTP_VERIFIED_NO = 0,
    /**
     * The size in the server's listing agrees.
     */
    NLFTP_VERIFIED_SIZE = 1,
    /**
     * A second download has the same digest.
     */
    NLFTP_VERIFIED_READBACK = 2,
} nlftp_verified;

/**
 * How much the log callback is told, each level with those before it.
 */
typedef enum {
    /**
     * Nothing.
     */
    NLFTP_LOG_OFF = 0,
    /**
     * What went wrong without a call that could say so.
     */
    NLFTP_LOG_ERROR = 1,
    /**
     * What a user should look at.
     */
    NLFTP_LOG_WARN = 2,
    /**
     * What operations begin and end.
     */
    NLFTP_LOG_INFO = 3,
    /**
     * What is done for them.
     */
    NLFTP_LOG_DEBUG = 4,
    /**
     * Every line on the port, secrets masked.
     */
    NLFTP_LOG_TRACE = 5,
} nlftp_log_level;

/**
 * What a modem is doing.
 */
typedef enum {
    /**
     * The port is not open: not yet, or not any more.
     */
    NLFTP_STATE_CLOSED = 0,
    /**
     * The port is being opened, and the module brought to command mode.
     */
    NLFTP_STATE_OPENING = 1,
    /**
     * The module takes commands; no FTP connection is open.
     */
    NLFTP_STATE_READY = 2,
    /**
     * The FTP connection is open.
     */
    NLFTP_STATE_CONNECTED = 3,
    /**
     * After a time limit, a cancel or a failure the module is being brought back to command mode.
     */
    NLFTP_STATE_RECOVERING = 4,
    /**
     * The port has gone, or the module does not answer any more: open it again.
     */
    NLFTP_STATE_LOST = 5,
} nlftp_state;

/**
 * What an entry of a listing is.
 */
typedef enum {
    /**
     * A plain file.
     */
    NLFTP_ENTRY_FILE = 0,
    /**
     * A directory.
     */
    NLFTP_ENTRY_DIRECTORY = 1,
    /**
     * A symbolic link (Windows: also a junction).
     */
    NLFTP_ENTRY_LINK = 2,
    /**
     * A device, a pipe, a socket, or whatever else is neither file nor directory.
     */
    NLFTP_ENTRY_OTHER = 3,
    /**
     * The line does not say. If its form is unknown, the name is the whole line.
     */
    NLFTP_ENTRY_UNKNOWN = 4,
} nlftp_entry_type;

/**
 * Which table of manual section 2 a number of the modem belongs to.
 */
typedef enum {
    /**
     * Mobile equipment: +CME ERROR (manual 2.1, 3GPP TS 27.007).
     */
    NLFTP_CODE_CME = 0,
    /**
     * Messages: +CMS ERROR (manual 2.2, 3GPP TS 27.005).
     */
    NLFTP_CODE_CMS = 1,
    /**
     * The embedded TCP/IP stack: 2000 and above (manual 2.3).
     */
    NLFTP_CODE_TCP_IP = 2,
} nlftp_code_family;

/**
 * How to open a port, and how long to wait for a modem. nlftp_modem_new() copies it. All times are in
 * milliseconds; one above a hundred years is taken for a hundred years.
 */
typedef struct nlftp_config nlftp_config;

/**
 * A listing that is read as it comes. While it is open, the module serves it: another call on the same
 * modem first reads the rest of it into memory, or cancels it where more than 64 MiB are left.
 */
typedef struct nlftp_entries nlftp_entries;

/**
 * A file, a directory or whatever else a line of a listing stands for. A part of its listing or
 * iteration, freed with that.
 */
typedef struct nlftp_entry nlftp_entry;

/**
 * What a modem tells of itself: identity, SIM, registration, signal, address. Never changes.
 */
typedef struct nlftp_info nlftp_info;

/**
 * Lines without their ends, as octets: what the modem or the server said. Never changes.
 */
typedef struct nlftp_lines nlftp_lines;

/**
 * The entries of a directory. Never changes.
 */
typedef struct nlftp_listing nlftp_listing;

/**
 * The parameters of FTPOPEN (manual 1.2.1) and FTPMODE (1.2.21): server, user, and how to connect.
 * nlftp_ftp_open() copies it; all copies of the secrets in it are wiped when they are given up.
 */
typedef struct nlftp_login nlftp_login;

/**
 * A module on a serial port, and its one FTP connection.
 *
 * A thread of the library's owns the port. Calls may come from any number of threads; the modem does
 * one thing after the other, in the order in which they were started.
 */
typedef struct nlftp_modem nlftp_modem;

/**
 * An operation that was started. It moves on where it is waited for, or its modem is dispatched; files
 * and descriptors are read and written by a thread of the library's meanwhile. It may be freed before
 * or after its modem.
 */
typedef struct nlftp_op nlftp_op;

/**
 * An upload or a download that succeeded, as nlftp_op_transfer() gives it. A part of its operation,
 * freed with that. Never changes.
 */
typedef struct nlftp_transfer nlftp_transfer;

/**
 * Options of a transfer. The call that takes them copies them; NULL there means that all are as unless
 * set.
 */
typedef struct nlftp_transfer_options nlftp_transfer_options;

/**
 * Gets a message, which begins with the path of the port that it is about; valid during the call. The
 * only callback that may run on a thread of the library's, and on several at once. Messages that come
 * of what it does are dropped.
 */
typedef void (*nlftp_log_callback)(nlftp_log_level level, const char *message, void *user_data);

/**
 * Gets how far a transfer has come: bytes moved, bytes to move (-1 where that is not known), and bytes
 * a second since it was started. The last call has done == total.
 */
typedef void (*nlftp_progress_callback)(uint64_t done, int64_t total, double rate, void *user_data);

/**
 * Gets a line that the modem said unasked, or that of an FTPINFO report, without its end; valid during
 * the call.
 */
typedef void (*nlftp_urc_callback)(const char *line, void *user_data);

/**
 * Gets each state that a modem enters.
 */
typedef void (*nlftp_state_callback)(nlftp_state state, void *user_data);

/**
 * Options of an upload.
 */
typedef nlftp_transfer_options nlftp_put_options;

/**
 * Fills a buffer with at most size bytes of an upload and says in *count how many they are. *count is
 * 0 before it is called; NLFTP_OK with 0 is the end of the file, and it is not asked again.
 *
 * NLFTP_AGAIN: nothing right now. It is asked again at nlftp_op_resume(), at the next
 * nlftp_modem_dispatch(), and every 10 ms in a call that waits. NLFTP_CANCELLED ends the transfer with
 * that status, any other status with NLFTP_LOCAL_FILE, and more bytes than size with
 * NLFTP_INVALID_ARGUMENT.
 */
typedef nlftp_status (*nlftp_read_callback)(void *buffer, size_t size, size_t *count, void *user_data);

/**
 * Goes to an offset from the start of an upload's source, from where it is read on. Any status but
 * NLFTP_OK is that of nlftp_read_callback; NLFTP_AGAIN is NLFTP_LOCAL_FILE, too, as a seek is never
 * asked again.
 */
typedef nlftp_status (*nlftp_seek_callback)(uint64_t offset, void *user_data);

/**
 * Options of a download.
 */
typedef nlftp_transfer_options nlftp_get_options;

/**
 * Takes size bytes of a download and says in *count how many of them it took, 0 before it is called.
 * It is given the rest at once; NLFTP_OK with 0, or NLFTP_AGAIN, says that there is no room right now:
 * as for nlftp_read_callback, as are all other statuses.
 */
typedef nlftp_status (*nlftp_write_callback)(const void *data, size_t size, size_t *count, void *user_data);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* -- the library ----------------------------------------------------------------------------------------- */

/**
 * The version of the library that runs, such as "0.1.0"; NLFTP_VERSION is that of the header.
 *
 * The text is static. Any thread; does not block.
 */
const char *nlftp_version(void);

/**
 * The name of a status as every language of the library has it, such as "not_connected"; "unknown" for
 * a number that is none.
 *
 * The text is static. Any thread; does not block.
 */
const char *nlftp_status_name(nlftp_status status);

/**
 * One sentence about a status in general; nlftp_last_error() has the one about what happened.
 *
 * The text is static. Any thread; does not block.
 */
const char *nlftp_status_text(nlftp_status status);

/**
 * What a number of the modem means (manual section 2).
 *
 * NLFTP_NO_VALUE for one that the manual does not list. The text is static. Any thread; does not
 * block.
 */
nlftp_status nlftp_code_meaning(nlftp_code_family family, uint32_t code, const char **meaning);

/**
 * Sets the callback for messages of the library, up to a level, in place of the one before; NULL
 * removes it. There is one for the process. A forked child has none until it sets its own.
 *
 * The callback runs on whichever thread has something to tell, the library's own among them, perhaps
 * on several at once. What waits is NLFTP_WOULD_DEADLOCK in it. Secrets are masked in messages.
 *
 * When this returns, the callback before does not run any more; for that it waits for a call of it
 * that goes on, unless it is called in a callback itself.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for a level that is none; NLFTP_BUSY where the program is written in
 * Rust, and logs into something else. Any thread.
 */
nlftp_status nlftp_set_log_callback(nlftp_log_level max_level, nlftp_log_callback callback, void *user_data);

/* -- the last error of the calling thread ---------------------------------------------------------------- */

/**
 * The sentence of the calling thread's last error: the cause, and what to do. Empty before the first.
 *
 * Every call that fails sets it (NLFTP_PENDING, NLFTP_AGAIN and NLFTP_NO_VALUE are no failures), calls
 * that succeed leave it. The text belongs to the library, and is valid until the next call of this
 * thread that fails.
 *
 * Any thread, each has its own; does not block.
 */
const char *nlftp_last_error(void);

/**
 * The status of the calling thread's last error; NLFTP_OK before the first.
 *
 * Any thread; does not block.
 */
nlftp_status nlftp_last_error_status(void);

/**
 * The number that the modem gave with the calling thread's last error (+CME ERROR, +CMS ERROR or
 * ERROR: n, manual section 2); nlftp_code_meaning() has its meaning.
 *
 * NLFTP_NO_VALUE where the last error has none. Any thread; does not block.
 */
nlftp_status nlftp_last_error_code(uint32_t *code);

/**
 * The table that the number of nlftp_last_error_code() belongs to.
 *
 * NLFTP_NO_VALUE where the last error has no number. Any thread; does not block.
 */
nlftp_status nlftp_last_error_code_family(nlftp_code_family *family);

/**
 * The modem's own words for the calling thread's last error, such as "+FTPCWD: 0" or "+CME ERROR:
 * 2031".
 *
 * NLFTP_NO_VALUE where it said nothing. The text lives as long as that of nlftp_last_error(). Any
 * thread; does not block.
 */
nlftp_status nlftp_last_error_text(const char **text);

/**
 * How many bytes of the file had been moved when the transfer of the calling thread's last error
 * failed.
 *
 * NLFTP_NO_VALUE where that was no transfer. Any thread; does not block.
 */
nlftp_status nlftp_last_error_transferred(uint64_t *bytes);

/**
 * What the calling thread's last error may have left behind on the server or on this machine, as a
 * sentence.
 *
 * NLFTP_NO_VALUE where there is nothing. The text lives as long as that of nlftp_last_error(). Any
 * thread; does not block.
 */
nlftp_status nlftp_last_error_left_behind(const char **what);

/**
 * The operating system's number (errno) for the calling thread's last error.
 *
 * NLFTP_NO_VALUE where the system was not its cause. Any thread; does not block.
 */
nlftp_status nlftp_last_error_errno(int *number);

/* -- the settings of a modem ----------------------------------------------------------------------------- */

/**
 * Makes the settings for a serial port, such as "/dev/ttyUSB2". The path may be any octets. Nothing is
 * opened.
 *
 * *config is the caller's: nlftp_config_free() frees it. Any thread; does not block.
 */
nlftp_status nlftp_config_new(const char *port, nlftp_config **config);

/**
 * Frees settings; modems that were made of them keep theirs. NULL is nothing, and NLFTP_OK.
 *
 * Any thread, while no other uses them; does not block.
 */
nlftp_status nlftp_config_free(nlftp_config *config);

/**
 * Sets the speed of the port in bits a second: 115,200 unless set. Without meaning on USB and
 * pseudo-terminals.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for 0; a speed that the port does not know is found out when it is
 * opened. Any thread, one at a time; does not block.
 */
nlftp_status nlftp_config_set_baud_rate(nlftp_config *config, uint32_t baud_rate);

/**
 * Sets what holds a sender back: NLFTP_FLOW_NONE unless set. Wire RTS and CTS and use them wherever
 * you can.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for a number that is no flow control. Any thread, one at a time; does
 * not block.
 */
nlftp_status nlftp_config_set_flow_control(nlftp_config *config, nlftp_flow_control flow_control);

/**
 * Sets how long a final result (OK, ERROR) may take: 10,000 unless set.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for 0 and less. Any thread, one at a time; does not block.
 */
nlftp_status nlftp_config_set_timeout(nlftp_config *config, int64_t timeout_ms);

/**
 * Sets how long an outcome (+FTPCWD: 1) and the prompt of FTPPUT may take: 150,000 unless set.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for 0 and less. Any thread, one at a time; does not block.
 */
nlftp_status nlftp_config_set_outcome_timeout(nlftp_config *config, int64_t timeout_ms);

/**
 * Sets how long a transfer may go without a byte: 60,000 unless set.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for 0 and less. Any thread, one at a time; does not block.
 */
nlftp_status nlftp_config_set_stall_timeout(nlftp_config *config, int64_t timeout_ms);

/**
 * Sets how long a call waits for a port that is not there: one that was lost, as by an unplugged cable, or,
 * when it is opened, one that is yet to be plugged in. 0, as it is unless set, for not at all. A device that comes
 * back under another name is known by its USB serial number and interface, or, without a serial number, by the USB
 * port that it is plugged in.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for less than 0. Any thread, one at a time; does not block.
 */
nlftp_status nlftp_config_set_port_timeout(nlftp_config *config,
                                           int64_t timeout_ms);

/**
 * Sets how long a whole call or operation may take, all commands of it together and the wait for
 * others before it. Negative for no such limit, as it is unless set.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for 0. Any thread, one at a time; does not block.
 */
nlftp_status nlftp_config_set_deadline(nlftp_config *config, int64_t deadline_ms);

/**
 * Names a file that gets a record of the port's traffic, passwords masked. It is made anew when the
 * port is opened first; what comes after the port was lost is added. NULL for none, as it is unless set.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for an empty name. Any thread, one at a time; does not block.
 */
nlftp_status nlftp_config_set_trace(nlftp_config *config, const char *path);

/**
 * Sets which field of FTPOPEN says whether the connection is encrypted: NLFTP_TLS_FIELD_EIGHTH unless
 * set (manual 1.2.1).
 *
 * Errors: NLFTP_INVALID_ARGUMENT for a number that is no such field. Any thread, one at a time; does
 * not block.
 */
nlftp_status nlftp_config_set_tls_field(nlftp_config *config, nlftp_tls_field field);

/**
 * Sets which field of FTPOPEN is the port of the server where there is no TLS: NLFTP_PORT_FIELD_SIXTH
 * unless set (manual 1.2.1).
 *
 * Errors: NLFTP_INVALID_ARGUMENT for a number that is no such field. Any thread, one at a time; does
 * not block.
 */
nlftp_status nlftp_config_set_port_field(nlftp_config *config, nlftp_port_field field);

/* -- the login of an FTP connection ---------------------------------------------------------------------- */

/**
 * Makes a login in passive mode, without TLS, at the server's default port. The host is a name or an
 * address in UTF-8 of at most 1,024 octets; user and password are any octets, at most 255 each. What
 * of it cannot be sent is found out by nlftp_ftp_open().
 *
 * *login is the caller's: nlftp_login_free() frees it. Any thread; does not block.
 */
nlftp_status nlftp_login_new(const char *host, const char *user, const char *password, nlftp_login **login);

/**
 * Frees a login and wipes its password. NULL is nothing, and NLFTP_OK.
 *
 * Any thread, while no other uses it; does not block.
 */
nlftp_status nlftp_login_free(nlftp_login *login);

/**
 * Sets the account for servers that want one (RFC 959 ACCT): any octets, at most 255; a secret like
 * the password. NULL for none, as it is unless set.
 *
 * Any thread, one at a time; does not block.
 */
nlftp_status nlftp_login_set_account(nlftp_login *login, const char *account);

/**
 * Sets the server's control port. 0 for the default, as it is unless set: 21, or 990 with TLS.
 *
 * Any thread, one at a time; does not block.
 */
nlftp_status nlftp_login_set_port(nlftp_login *login, uint16_t port);

/**
 * Sets whether the module encrypts (FTPS, the manual's sftpmode): false unless set. It never falls
 * back to clear text.
 *
 * Any thread, one at a time; does not block.
 */
nlftp_status nlftp_login_set_tls(nlftp_login *login, bool tls);

/**
 * Sets whether data connections are passive: true unless set (FTPMODE, manual 1.2.21).
 *
 * Any thread, one at a time; does not block.
 */
nlftp_status nlftp_login_set_passive(nlftp_login *login, bool passive);

/**
 * Sets the module's own port for the control connection. 0 lets it choose, as it does unless set.
 *
 * Any thread, one at a time; does not block.
 */
nlftp_status nlftp_login_set_source_control_port(nlftp_login *login, uint16_t port);

/**
 * Sets the module's own port for data connections. 0 lets it choose, as it does unless set.
 *
 * Any thread, one at a time; does not block.
 */
nlftp_status nlftp_login_set_source_data_port(nlftp_login *login, uint16_t port);

/* -- the options of a transfer --------------------------------------------------------------------------- */

/**
 * Makes options, all as unless set.
 *
 * *options is the caller's: nlftp_transfer_options_free() frees it. Any thread; does not block.
 */
nlftp_status nlftp_transfer_options_new(nlftp_transfer_options **options);

/**
 * Frees options; transfers that were started with them keep theirs. NULL is nothing, and NLFTP_OK.
 *
 * Any thread, while no other uses them; does not block.
 */
nlftp_status nlftp_transfer_options_free(nlftp_transfer_options *options);

/**
 * Sets which of the module's ways to take: NLFTP_VIA_AUTO unless set.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for a number that is no way. Any thread, one at a time; does not
 * block.
 */
nlftp_status nlftp_transfer_options_set_via(nlftp_transfer_options *options, nlftp_via via);

/**
 * Sets the representation type (RFC 959, 3.1.1): NLFTP_TYPE_BINARY unless set.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for a number that is no type. Any thread, one at a time; does not
 * block.
 */
nlftp_status nlftp_transfer_options_set_type(nlftp_transfer_options *options, nlftp_file_type file_type);

/**
 * Sets where in the remote file a download begins, or where in it the first byte of an upload's source
 * goes to: 0 unless set. What the module cannot address is found out when the transfer is started
 * (manual 1.2.15, 1.2.16).
 *
 * Any thread, one at a time; does not block.
 */
nlftp_status nlftp_transfer_options_set_offset(nlftp_transfer_options *options, uint64_t offset);

/**
 * Sets whether a transfer goes on where one before broke off: false unless set. An upload needs a
 * source that can seek. Where the parts differ, it starts from 0; nlftp_transfer_resumed_from() tells.
 *
 * Any thread, one at a time; does not block.
 */
nlftp_status nlftp_transfer_options_set_resume(nlftp_transfer_options *options, bool resume);

/**
 * Sets that a transfer which fails for a reason that may pass is tried again, in the same call: up to tries times
 * in a row that bring the file no further, after delay_ms milliseconds, twice as long before each next one in a
 * row up to a minute (or delay_ms, if that is more), and not later than max_time_ms after the call began. A
 * negative max_time_ms sets no such limit. With 0 tries, as it is unless set, there are none.
 *
 * Such reasons are all but wrong arguments, a local file's failure, a cancel, the call's own deadline, and a server
 * that refuses a file of which nothing was moved yet. In between the modem is brought back to command mode, and
 * port (nlftp_config_set_port_timeout()), network and FTP connection are opened anew. Each try goes on where the
 * one before ended, so that all holds that nlftp_transfer_options_set_resume() says: an upload needs a source
 * that can seek, a download a path or the descriptor of a plain file.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for a delay_ms of 0 and less, and a max_time_ms of 0. Any thread, one at a time;
 * does not block.
 */
nlftp_status nlftp_transfer_options_set_retry(nlftp_transfer_options *options,
                                              uint32_t tries,
                                              int64_t delay_ms,
                                              int64_t max_time_ms);

/**
 * Sets whether an upload goes to a temporary name, "NAME.nlftp-part", and is renamed when it is complete and
 * checked: false unless set. NAME never stands for a part of the file then. A server that does not rename to
 * a name that is taken has the file before deleted first. With an offset, and for a download, the transfer is
 * NLFTP_INVALID_ARGUMENT.
 *
 * Any thread, one at a time; does not block.
 */
nlftp_status nlftp_transfer_options_set_temporary(nlftp_transfer_options *options, bool temporary);

/**
 * Sets how the transfer is checked: NLFTP_VERIFY_SIZE unless set.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for a number that is no check. Any thread, one at a time; does not
 * block.
 */
nlftp_status nlftp_transfer_options_set_verify(nlftp_transfer_options *options, nlftp_verify verify);

/**
 * Sets how many milliseconds the whole transfer may take, in place of nlftp_config_set_deadline().
 * Negative for that one, as it is unless set.
 *
 * Errors: NLFTP_INVALID_ARGUMENT for 0. Any thread, one at a time; does not block.
 */
nlftp_status nlftp_transfer_options_set_deadline(nlftp_transfer_options *options, int64_t deadline_ms);

/**
 * Sets the callback that is told how far the transfer has come; NULL for none, as it is unless set. It
 * runs where the transfer is waited for or dispatched, the last time with all bytes done.
 *
 * user_data is handed to it, and has to live until the transfer has ended or was freed. Any thread,
 * one at a time; does not block.
 */
nlftp_status nlftp_transfer_options_set_progress(nlftp_transfer_options *options,
                                                 nlftp_progress_callback callback,
                                                 void *user_data);

/* -- modems ---------------------------------------------------------------------------------------------- */

/**
 * Makes a modem of settings, which are copied. Nothing is sent, and the port is not opened:
 * nlftp_modem_open() does that. The descriptor of nlftp_modem_fd() is there from now on.
 *
 * *modem is the caller's: nlftp_modem_free() frees it. Errors: NLFTP_PORT where the system gives no
 * more threads or descriptors. Any thread; does not block.
 */
nlftp_status nlftp_modem_new(const nlftp_config *config, nlftp_modem **modem);

/**
 * Frees a modem. Operations that still run are cancelled; their handles stay, with the status
 * NLFTP_CLOSED. An FTP connection that is open is closed, the module is left in command mode, and the
 * port is closed: blocks for that, at most 10 seconds. When this returns, the library's threads of the
 * modem have ended, and nothing is done any more to files and descriptors, unless the system holds a
 * thread up for longer, as at a FIFO whose other end nobody opens. NULL is nothing, and NLFTP_OK.
 *
 * In a callback: NLFTP_WOULD_DEADLOCK, and nothing is freed. In a forked child only the child's memory
 * is given up. Any thread, while no other is in a call with the modem, its operations or its
 * iterations.
 */
nlftp_status nlftp_modem_free(nlftp_modem *modem);

/**
 * The path of the modem's port, as it was given. The text is the modem's, and lives as long.
 *
 * Errors: NLFTP_CLOSED after the modem was closed. Any thread; does not block.
 */
nlftp_status nlftp_modem_path(const nlftp_modem *modem, const char **path);

/**
 * What the modem is doing at this moment.
 *
 * Errors: NLFTP_CLOSED after the modem was closed. Any thread; does not block.
 */
nlftp_status nlftp_modem_state(const nlftp_modem *modem, nlftp_state *state);

/**
 * What opening the port found that the user should know, a line each; none as a rule.
 *
 * *lines is the caller's: nlftp_lines_free() frees it. Errors: NLFTP_CLOSED after the modem was
 * closed. Any thread; does not block.
 */
nlftp_status nlftp_modem_warnings(const nlftp_modem *modem, nlftp_lines **lines);

/**
 * The descriptor for poll, epoll, libuv and the like: readable when nlftp_modem_dispatch() has
 * something to do. It is the modem's, and the same from before the port is opened until the modem is
 * freed, also when the port is lost and opened anew. Only wait for it: never read, write or close it.
 *
 * Errors: NLFTP_PORT where the system gives no more descriptors, NLFTP_CLOSED after the modem was
 * closed. Any thread; does not block.
 */
nlftp_status nlftp_modem_fd(nlftp_modem *modem, int *fd);

/**
 * Does what is to be done now, and returns: runs the callbacks for what the modem said, for its states
 * and for progress, and moves the bytes of sources and sinks. Never blocks, but as long as the
 * callbacks do: a few buffers of each operation and the lines that are there, not what comes
 * meanwhile, for which the descriptor is readable again.
 *
 * *done is an operation that has ended, of those that were started with op, or NULL; it stays the
 * caller's, who frees it. They come one a call, in the order in which they ended, and each only once;
 * one whose end nlftp_op_wait() told does not come. Call again until *done is NULL. done itself may be
 * NULL: then those that have ended are kept for another call, and the descriptor is readable once more
 * for each.
 *
 * In a callback it runs no callbacks, and only hands out. Errors: NLFTP_CLOSED when the modem was
 * closed and nothing is left to be handed out; *done is not written then. Any thread; what another
 * thread serves at this moment is left to that.
 */
nlftp_status nlftp_modem_dispatch(nlftp_modem *modem, nlftp_op **done);

/**
 * Cancels whichever operation of the modem runs; nothing happens where none does. Who waits for it
 * gets NLFTP_CANCELLED, and the module is brought back to command mode behind it.
 *
 * Any thread, and signal handlers: no lock is taken, nothing is allocated, and the last error is left.
 * A handler must not run while the modem is being freed. Does not block.
 */
nlftp_status nlftp_modem_cancel(nlftp_modem *modem);

/**
 * Sets the callback for unsolicited result codes (URCs) in place of the one before; NULL removes it.
 * It gets each line once, where an operation of this modem is waited for or nlftp_modem_dispatch() is
 * called; lines that nobody asks for are dropped, the oldest first.
 *
 * When this returns, the callback before does not run any more; for that it waits for a call of it
 * that goes on in another thread, unless it is called in a callback itself. Errors: NLFTP_CLOSED after
 * the modem was closed. Any thread.
 */
nlftp_status nlftp_modem_on_urc(nlftp_modem *modem, nlftp_urc_callback callback, void *user_data);

/**
 * Sets the callback for the states that the modem enters, in place of the one before; NULL removes it.
 * It runs where URC callbacks run, and gets each state, also one that was left again before.
 *
 * As for nlftp_modem_on_urc(). Any thread.
 */
nlftp_status nlftp_modem_on_state(nlftp_modem *modem, nlftp_state_callback callback, void *user_data);

/* -- what a modem does besides FTP ----------------------------------------------------------------------- */

/**
 * Opens the port for this modem alone, and brings the module to command mode, whatever state it was
 * left in. Also again, after the port was lost.
 *
 * With op NULL it blocks until that is done: milliseconds where the module is ready, up to about 20
 * seconds where it does not answer, up to 30 more where it still sends a file that a program before
 * asked for. Otherwise *op is the operation. Errors: NLFTP_PORT for a port that does not exist, is
 * taken, or is no serial port; NLFTP_TIMEOUT for a device that does not answer. Any thread; in a
 * callback only with op.
 */
nlftp_status nlftp_modem_open(nlftp_modem *modem, nlftp_op **op);

/**
 * Waits for a recovery that still goes on, closes the FTP connection if one is open, leaves the module
 * in command mode, and closes the port: for good. Operations that were started before come first;
 * every call afterwards but free is NLFTP_CLOSED.
 *
 * With op NULL it blocks until that is done, otherwise *op is the operation; nlftp_modem_dispatch()
 * still hands out what has ended. Where the connection could not be closed, the status says why, and
 * the port is closed all the same. But a close that was cancelled, or out of time, before its turn came
 * (NLFTP_CANCELLED, NLFTP_BUSY) has closed nothing: the modem goes on. Any thread; in a callback only
 * with op.
 */
nlftp_status nlftp_modem_close(nlftp_modem *modem, nlftp_op **op);

/**
 * Sends one AT command, such as "AT+CSQ", and gives its information lines. A command of manual 1.2
 * ends at its outcome, any other at its final result. Commands that move data are refused: there are
 * functions for them.
 *
 * With op NULL it blocks until then, and *lines is the caller's: nlftp_lines_free() frees it (lines
 * may be NULL). Otherwise *op is the operation, and nlftp_op_lines() has the lines. Errors:
 * NLFTP_INVALID_ARGUMENT, before anything is sent, for what is not one command line in UTF-8;
 * NLFTP_COMMAND for ERROR in any form; NLFTP_REFUSED for an outcome of 0; NLFTP_TIMEOUT. Any thread;
 * in a callback only with op.
 */
nlftp_status nlftp_modem_command(nlftp_modem *modem, const char *line, nlftp_lines **lines, nlftp_op **op);

/**
 * Activates the PDP context of an access point (AT+MIPCALL, manual 3.1) and gives the module's
 * address; where it is active already, only the address. The name is UTF-8 of at most 255 octets.
 *
 * With op NULL it blocks until then, and *address is the caller's: nlftp_string_free() frees it
 * (address may be NULL). Otherwise *op is the operation, and nlftp_op_text() has the address. Errors:
 * NLFTP_COMMAND where the module refuses; NLFTP_TIMEOUT when no address comes within a minute; both
 * say so where SIM or registration are the cause. Any thread; in a callback only with op.
 */
nlftp_status nlftp_modem_attach(nlftp_modem *modem, const char *apn, char **address, nlftp_op **op);

/**
 * As nlftp_modem_attach(), for an access point that asks for a user name, UTF-8 too, and a password,
 * which is any octets; at most 255 octets each. All copies of the password are wiped when they are
 * given up.
 */
nlftp_status nlftp_modem_attach_with_login(nlftp_modem *modem,
                                           const char *apn,
                                           const char *user,
                                           const char *password,
                                           char **address,
                                           nlftp_op **op);

/**
 * Closes the FTP connection and gives the PDP context up (AT+MIPCALL=0, manual 3.1); no error where
 * none is active.
 *
 * With op NULL it blocks until then, otherwise *op is the operation. Errors: NLFTP_COMMAND where the
 * module refuses. Any thread; in a callback only with op.
 */
nlftp_status nlftp_modem_detach(nlftp_modem *modem, nlftp_op **op);

/**
 * Asks who answers on the port, and for SIM, registration, signal and address: a dozen queries,
 * milliseconds each as a rule. What the module refuses to tell is left out.
 *
 * With op NULL it blocks until then, and *info is the caller's: nlftp_info_free() frees it (info may
 * be NULL). Otherwise *op is the operation, and nlftp_op_info() has the answers. Errors: NLFTP_TIMEOUT
 * when an answer does not come. Any thread; in a callback only with op.
 */
nlftp_status nlftp_modem_info(nlftp_modem *modem, nlftp_info **info, nlftp_op **op);

/**
 * Sets the timer that paces the data of FTPRETR on a USB port (AT+GTSET="FTPLIMIT", manual 1.2.16): 0
 * to 1000, 0 for none. Nothing in this library needs it.
 *
 * With op NULL it blocks until the module has answered, otherwise *op is the operation. Errors:
 * NLFTP_INVALID_ARGUMENT outside the range, NLFTP_COMMAND where the module refuses. Any thread; in a
 * callback only with op.
 */
nlftp_status nlftp_modem_set_ftp_limit(nlftp_modem *modem, uint32_t period, nlftp_op **op);

/* -- the FTP connection of a modem and its verbs --------------------------------------------------------- */

/**
 * Opens the module's FTP connection; it has only one (FTPOPEN, manual 1.2.1). login is copied. If the
 * connection is lost, the call that notices says so, and the next one opens it anew with all that it
 * had: context, mode, login, FTPINFO and directory.
 *
 * With op NULL it blocks until then, otherwise *op is the operation. Errors: NLFTP_INVALID_ARGUMENT,
 * before anything is sent, for what cannot be sent; NLFTP_NOT_CONNECTED where the module could not, to
 * which it gives no reason; NLFTP_COMMAND where it refuses, with the code 2031 where it is not
 * attached; NLFTP_BUSY while a connection is open. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_open(nlftp_modem *modem, const nlftp_login *login, nlftp_op **op);

/**
 * Closes the FTP connection (FTPCLOSE, manual 1.2.2).
 *
 * With op NULL it blocks until then, otherwise *op is the operation. Errors: NLFTP_REFUSED where the
 * module does not close it. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_close(nlftp_modem *modem, nlftp_op **op);

/**
 * Whether the module says that the connection stands (AT+FTPOPEN?, manual 1.2.1). It may have been
 * lost without the module having noticed: nlftp_ftp_noop() asks the server.
 *
 * With op NULL it blocks until then, and writes *connected (connected may be NULL). Otherwise *op is
 * the operation, and nlftp_op_connected() has the answer. Errors: NLFTP_TIMEOUT when the modem does
 * not answer. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_is_connected(nlftp_modem *modem, bool *connected, nlftp_op **op);

/**
 * Sets the callback for the lines of the control connection that the module reports, in place of the
 * one before, and switches the reports on (FTPINFO, manual 1.2.3); NULL removes it and switches them
 * off. Passwords in the lines are masked. It runs where URC callbacks run, and is set as they are,
 * whether the module then takes the command or not.
 *
 * With op NULL it blocks until the module has answered, otherwise *op is the operation. Errors:
 * NLFTP_COMMAND where it refuses. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_on_info(nlftp_modem *modem,
                               nlftp_urc_callback callback,
                               void *user_data,
                               nlftp_op **op);

/**
 * Changes the working directory (FTPCWD, manual 1.2.4). Names, here and below, are octets, passed on
 * as they are, at most 255 of them.
 *
 * With op NULL it blocks until then, otherwise *op is the operation. Errors: NLFTP_INVALID_ARGUMENT,
 * before anything is sent, for a name that cannot be; NLFTP_REFUSED where the server refuses. Any
 * thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_cwd(nlftp_modem *modem, const char *directory, nlftp_op **op);

/**
 * Changes to the parent directory (FTPCDUP, manual 1.2.8).
 *
 * With op NULL it blocks until then, otherwise *op is the operation. Errors: NLFTP_REFUSED where the
 * server refuses. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_cdup(nlftp_modem *modem, nlftp_op **op);

/**
 * The working directory (FTPPWD, manual 1.2.7), in octets that nlftp_ftp_cwd() takes again.
 *
 * With op NULL it blocks until then, and *directory is the caller's: nlftp_string_free() frees it
 * (directory may be NULL). Otherwise *op is the operation, and nlftp_op_text() has the directory.
 * Errors: NLFTP_REFUSED where the server refuses. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_pwd(nlftp_modem *modem, char **directory, nlftp_op **op);

/**
 * Makes a directory (FTPMKD, manual 1.2.5).
 *
 * With op NULL it blocks until then, otherwise *op is the operation. Errors as for nlftp_ftp_cwd().
 * Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_mkd(nlftp_modem *modem, const char *directory, nlftp_op **op);

/**
 * Removes an empty directory (FTPRMD, manual 1.2.6).
 *
 * With op NULL it blocks until then, otherwise *op is the operation. Errors as for nlftp_ftp_cwd().
 * Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_rmd(nlftp_modem *modem, const char *directory, nlftp_op **op);

/**
 * Deletes a file (FTPDEL, manual 1.2.9).
 *
 * With op NULL it blocks until then, otherwise *op is the operation. Errors as for nlftp_ftp_cwd().
 * Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_delete_file(nlftp_modem *modem, const char *name, nlftp_op **op);

/**
 * Renames a file or directory (FTPREN, manual 1.2.10). to is read as the server reads RNTO: from the
 * working directory, not from that of the old name.
 *
 * With op NULL it blocks until then, otherwise *op is the operation. Errors as for nlftp_ftp_cwd().
 * Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_rename(nlftp_modem *modem, const char *from, const char *to, nlftp_op **op);

/**
 * Lists a directory or a file, the working directory where path is NULL (FTPLIST, manual 1.2.11).
 * nlftp_ftp_entries() is for directories that need not fit into memory.
 *
 * With op NULL it blocks until then, and *listing is the caller's: nlftp_listing_free() frees it
 * (listing may be NULL). Otherwise *op is the operation, and nlftp_op_listing() has the listing.
 * Errors: NLFTP_REFUSED where the server refuses; some servers list nothing for a name that does not
 * exist. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_list(nlftp_modem *modem, const char *path, nlftp_listing **listing, nlftp_op **op);

/**
 * The server's status where path is NULL, or that of a file or directory, line by line as the module
 * passes it on (FTPSTAT, manual 1.2.12): at most 64 KiB. nlftp_listing_parse() can make entries of it.
 *
 * With op NULL it blocks until then, and *lines is the caller's: nlftp_lines_free() frees it (lines
 * may be NULL). Otherwise *op is the operation, and nlftp_op_lines() has the lines. Errors:
 * NLFTP_REFUSED where the server refuses; some answer an empty text for a name that does not exist.
 * Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_stat(nlftp_modem *modem, const char *path, nlftp_lines **lines, nlftp_op **op);

/**
 * The kind of the server's system, such as "UNIX Type: L8" (FTPSYST, manual 1.2.13).
 *
 * With op NULL it blocks until then, and *system is the caller's: nlftp_string_free() frees it (system
 * may be NULL). Otherwise *op is the operation, and nlftp_op_text() has the text. Errors:
 * NLFTP_REFUSED where the server refuses. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_syst(nlftp_modem *modem, char **system, nlftp_op **op);

/**
 * Does nothing but keep the connection alive (FTPNOOP, manual 1.2.14).
 *
 * With op NULL it blocks until then, otherwise *op is the operation. Errors: NLFTP_NOT_CONNECTED where
 * the connection is gone. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_noop(nlftp_modem *modem, nlftp_op **op);

/**
 * Lists a directory or a file, the working directory where path is NULL (FTPLIST, manual 1.2.11),
 * entry by entry: for directories that need not fit into memory. path is octets, at most 255. Starts
 * the listing; nlftp_entries_next() reads it.
 *
 * *entries is the caller's: nlftp_entries_free() frees it. Errors: NLFTP_INVALID_ARGUMENT for a path
 * that cannot be sent, NLFTP_CLOSED after the modem was closed; all else is told by
 * nlftp_entries_next(). Any thread; does not block.
 */
nlftp_status nlftp_ftp_entries(nlftp_modem *modem, const char *path, nlftp_entries **entries);

/**
 * The next entry. Blocks until the module has sent it; callbacks of the modem run meanwhile.
 *
 * *entry lives until the next call with entries. NLFTP_NO_VALUE at the end of a listing that ended
 * well, otherwise its error, in this and all further calls. In a callback: NLFTP_WOULD_DEADLOCK.
 * NLFTP_BUSY while another thread is in it, NLFTP_CLOSED when the modem was freed. Any thread, one at
 * a time.
 */
nlftp_status nlftp_entries_next(nlftp_entries *entries, const nlftp_entry **entry);

/**
 * Frees a listing that is being read, and ends it where it has not ended; the next call waits until
 * the module is free again. NULL is nothing, and NLFTP_OK.
 *
 * NLFTP_WOULD_DEADLOCK in a callback while nlftp_entries_next() reads it, and nothing is freed. Any
 * thread, while no other uses it; does not block.
 */
nlftp_status nlftp_entries_free(nlftp_entries *entries);

/* -- uploads --------------------------------------------------------------------------------------------- */

/**
 * Uploads a file as remote: FTPSTOR or FTPPUT (manual 1.2.15, 1.2.20). local is a path of any octets;
 * remote is octets, at most 255. options may be NULL.
 *
 * Success means that every check that was asked for and possible agrees; nlftp_transfer_verified()
 * says which. An upload that this side gives up (cancel, time limit, local failure) deletes the short
 * file that it made, as long as the server can be reached; one that the module or the server refuses
 * does not, as nobody can tell whose file it is.
 *
 * With op NULL it blocks until then. Otherwise *op is the operation, the file is opened and read by a
 * thread of the library's, and nlftp_op_transfer() has the result. Errors: any;
 * nlftp_last_error_transferred() and nlftp_last_error_left_behind() tell what was moved and what may
 * have stayed. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_put_file(nlftp_modem *modem,
                                const char *local,
                                const char *remote,
                                const nlftp_put_options *options,
                                nlftp_op **op);

/**
 * As nlftp_ftp_put_file(), from a descriptor: a file from where it stands, a pipe, a socket, to its
 * end. It is duplicated: the caller may close it when this returns.
 *
 * NLFTP_LOCAL_FILE where it is not open. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_put_fd(nlftp_modem *modem,
                              int fd,
                              const char *remote,
                              const nlftp_put_options *options,
                              nlftp_op **op);

/**
 * As nlftp_ftp_put_file(), from size bytes of memory. They stay the caller's, and have to be there,
 * and as they are, until the operation has ended or was freed. data may be NULL where size is 0.
 *
 * Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_put_memory(nlftp_modem *modem,
                                  const void *data,
                                  size_t size,
                                  const char *remote,
                                  const nlftp_put_options *options,
                                  nlftp_op **op);

/**
 * As nlftp_ftp_put_file(), from a callback that is asked for the bytes; it runs where the operation is
 * waited for or dispatched. seek may be NULL: a transfer that would have to go back (resume, or a
 * second try) cannot then. size is that of the whole source for progress and checks, -1 where it is
 * not known.
 *
 * user_data is handed to both, and has to live until the operation has ended or was freed. Any thread;
 * in a callback only with op.
 */
nlftp_status nlftp_ftp_put(nlftp_modem *modem,
                           nlftp_read_callback read,
                           nlftp_seek_callback seek,
                           void *user_data,
                           int64_t size,
                           const char *remote,
                           const nlftp_put_options *options,
                           nlftp_op **op);

/* -- downloads ------------------------------------------------------------------------------------------- */

/**
 * Downloads remote into a file: FTPRETR, or FTPGET with FTPRECV (manual 1.2.16, 1.2.18, 1.2.19). local
 * is a path of any octets; remote is octets, at most 255. options may be NULL.
 *
 * The file appears under its name only when it is complete and checked; until then its bytes stand
 * beside it, in a file whose name ends in ".nlftp-part". nlftp_transfer_verified() says what was
 * checked.
 *
 * With op NULL it blocks until then. Otherwise *op is the operation, the file is written and synced by
 * a thread of the library's, and nlftp_op_transfer() has the result. Errors: any;
 * nlftp_last_error_transferred() and nlftp_last_error_left_behind() tell what was moved and what may
 * have stayed. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_get_file(nlftp_modem *modem,
                                const char *remote,
                                const char *local,
                                const nlftp_get_options *options,
                                nlftp_op **op);

/**
 * As nlftp_ftp_get_file(), to a descriptor: a file from where it stands, a pipe, a socket. It is
 * duplicated: the caller may close it when this returns. What it got before a failure stays.
 *
 * NLFTP_LOCAL_FILE where it is not open. Any thread; in a callback only with op.
 */
nlftp_status nlftp_ftp_get_fd(nlftp_modem *modem,
                              const char *remote,
                              int fd,
                              const nlftp_get_options *options,
                              nlftp_op **op);

/**
 * As nlftp_ftp_get_file(), to memory. It stays the caller's, and has to be there until the operation
 * has ended or was freed; what it holds after a failure is not said. buffer may be NULL where capacity
 * is 0.
 *
 * With op NULL, *size says how many bytes the file had (size may be NULL). With op, size has to be
 * NULL: nlftp_op_transfer() tells. NLFTP_TRANSFER for a file that is longer than capacity. Any thread;
 * in a callback only with op.
 */
nlftp_status nlftp_ftp_get_memory(nlftp_modem *modem,
                                  const char *remote,
                                  void *buffer,
                                  size_t capacity,
                                  size_t *size,
                                  const nlftp_get_options *options,
                                  nlftp_op **op);

/**
 * As nlftp_ftp_get_file(), to a callback that is given the bytes; it runs where the operation is
 * waited for or dispatched. What it got before a failure it keeps.
 *
 * user_data is handed to it, and has to live until the operation has ended or was freed. Any thread;
 * in a callback only with op.
 */
nlftp_status nlftp_ftp_get(nlftp_modem *modem,
                           const char *remote,
                           nlftp_write_callback write,
                           void *user_data,
                           const nlftp_get_options *options,
                           nlftp_op **op);

/* -- operations that were started ------------------------------------------------------------------------ */

/**
 * Blocks until the operation has ended, but no longer than timeout_ms milliseconds; negative for no
 * limit, 0 to do what can be done at once. Callbacks of the operation and of its modem run meanwhile.
 * Other threads may wait for the same operation: all get its status.
 *
 * The operation's own status, or NLFTP_PENDING where it has not ended by then. One whose end was told
 * here is not handed out by nlftp_modem_dispatch() any more. In a callback: NLFTP_WOULD_DEADLOCK,
 * unless it has ended. Any thread.
 */
nlftp_status nlftp_op_wait(nlftp_op *op, int64_t timeout_ms);

/**
 * The operation's own status, or NLFTP_PENDING while it runs. Where it failed, its error becomes the
 * thread's last one. This alone does not move it on.
 *
 * NLFTP_CLOSED where the modem was freed before its end. Any thread; does not block.
 */
nlftp_status nlftp_op_status(nlftp_op *op);

/**
 * Asks the operation to end; nothing happens where it has. It is waited for and handed out as usual,
 * with the status NLFTP_CANCELLED. The module is brought back to command mode behind it, and the next
 * operation waits for that.
 *
 * Any thread, and signal handlers: no lock is taken, nothing is allocated, and the last error is left.
 * A handler must not run while the operation is being freed. Does not block.
 */
nlftp_status nlftp_op_cancel(nlftp_op *op);

/**
 * Says that the source or sink of the operation, a callback that answered NLFTP_AGAIN, is ready: it is
 * asked again by the thread that waits for the operation, or else at the next nlftp_modem_dispatch(),
 * for which the descriptor becomes readable.
 *
 * Any thread, not signal handlers; does not block.
 */
nlftp_status nlftp_op_resume(nlftp_op *op);

/**
 * Frees an operation; one that still runs is cancelled. When this returns, no callback of it runs any
 * more and no buffer of it is touched, but for a callback that this is called in. Its results are
 * freed with it. NULL is nothing, and NLFTP_OK.
 *
 * In a callback, while another thread serves this operation: NLFTP_WOULD_DEADLOCK, and nothing is
 * freed. In a forked child only the child's memory is given up. Any thread, while no other waits for
 * it or uses its results; blocks only for a callback of it that runs in another thread.
 */
nlftp_status nlftp_op_free(nlftp_op *op);

/**
 * Keeps a pointer of the program's with the operation, for nlftp_op_user_data(); NULL unless set. The
 * library never looks at it.
 *
 * Any thread; does not block.
 */
nlftp_status nlftp_op_set_user_data(nlftp_op *op, void *user_data);

/**
 * The pointer that nlftp_op_set_user_data() left.
 *
 * Any thread; does not block.
 */
nlftp_status nlftp_op_user_data(const nlftp_op *op, void **user_data);

/**
 * What an upload or a download came to: of nlftp_ftp_put...() and nlftp_ftp_get...().
 *
 * *transfer is the operation's, and lives as long. NLFTP_PENDING while it runs, its own status where
 * it failed, NLFTP_INVALID_ARGUMENT for another kind of operation. Any thread; does not block.
 */
nlftp_status nlftp_op_transfer(nlftp_op *op, const nlftp_transfer **transfer);

/**
 * The lines of nlftp_modem_command() and nlftp_ftp_stat().
 *
 * *lines is the operation's, and lives as long. NLFTP_PENDING while it runs, its own status where it
 * failed, NLFTP_INVALID_ARGUMENT for another kind of operation. Any thread; does not block.
 */
nlftp_status nlftp_op_lines(nlftp_op *op, const nlftp_lines **lines);

/**
 * The text of nlftp_modem_attach(), nlftp_modem_attach_with_login(), nlftp_ftp_pwd() and
 * nlftp_ftp_syst().
 *
 * *text is the operation's, and lives as long. NLFTP_PENDING while it runs, its own status where it
 * failed, NLFTP_INVALID_ARGUMENT for another kind of operation. Any thread; does not block.
 */
nlftp_status nlftp_op_text(nlftp_op *op, const char **text);

/**
 * The listing of nlftp_ftp_list().
 *
 * *listing is the operation's, and lives as long. NLFTP_PENDING while it runs, its own status where it
 * failed, NLFTP_INVALID_ARGUMENT for another kind of operation. Any thread; does not block.
 */
nlftp_status nlftp_op_listing(nlftp_op *op, const nlftp_listing **listing);

/**
 * What nlftp_modem_info() found out.
 *
 * *info is the operation's, and lives as long. NLFTP_PENDING while it runs, its own status where it
 * failed, NLFTP_INVALID_ARGUMENT for another kind of operation. Any thread; does not block.
 */
nlftp_status nlftp_op_info(nlftp_op *op, const nlftp_info **info);

/**
 * The answer of nlftp_ftp_is_connected().
 *
 * NLFTP_PENDING while it runs, its own status where it failed, NLFTP_INVALID_ARGUMENT for another kind
 * of operation. Any thread; does not block.
 */
nlftp_status nlftp_op_connected(nlftp_op *op, bool *connected);

/* -- results --------------------------------------------------------------------------------------------- */

/**
 * Frees a string that a call gave the caller: of nlftp_modem_attach(), nlftp_ftp_pwd() and the like.
 * NULL is nothing, and NLFTP_OK.
 *
 * Any thread, while no other uses it; does not block.
 */
nlftp_status nlftp_string_free(char *string);

/**
 * Frees lines that a call gave the caller. Those that are a part of something are freed with that:
 * trying it is NLFTP_INVALID_ARGUMENT. NULL is nothing, and NLFTP_OK.
 *
 * Any thread, while no other uses them; does not block.
 */
nlftp_status nlftp_lines_free(nlftp_lines *lines);

/**
 * How many lines there are.
 *
 * Any thread; does not block.
 */
nlftp_status nlftp_lines_count(const nlftp_lines *lines, size_t *count);

/**
 * A line, the first one with index 0, and the number of its octets. With length, *line may have NULs
 * inside, and ends with one; without (NULL), each NUL inside is a question mark.
 *
 * *line lives as long as the lines. NLFTP_NO_VALUE past the last. Any thread; does not block.
 */
nlftp_status nlftp_lines_get(const nlftp_lines *lines, size_t index, const char **line, size_t *length);

/**
 * How many bytes of the file were moved, without those that nlftp_transfer_resumed_from() tells.
 *
 * Any thread; does not block.
 */
nlftp_status nlftp_transfer_bytes(const nlftp_transfer *transfer, uint64_t *bytes);

/**
 * How long it took, from the first command to the last check.
 *
 * Any thread; does not block.
 */
nlftp_status nlftp_transfer_duration(const nlftp_transfer *transfer, int64_t *milliseconds);

/**
 * The way that was taken: never NLFTP_VIA_AUTO.
 *
 * Any thread; does not block.
 */
nlftp_status nlftp_transfer_via(const nlftp_transfer *transfer, nlftp_via *via);

/**
 * What the result rests on.
 *
 * Any thread; does not block.
 */
nlftp_status nlftp_transfer_verified(const nlftp_transfer *transfer, nlftp_verified *verified);

/**
 * The offset at which a resumed transfer went on; 0 where it began at the start.
 *
 * Any thread; does not block.
 */
nlftp_status nlftp_transfer_resumed_from(const nlftp_transfer *transfer, uint64_t *offset);

/**
 * What the caller should know, such as why another way was taken, or nothing could be checked; none as
 * a rule.
 *
 * *lines is a part of the transfer, and lives as long. Any thread; does not block.
 */
nlftp_status nlftp_transfer_warnings(const nlftp_transfer *transfer, const nlftp_lines **lines);

/**
 * Frees a listing that a call gave the caller, with its entries. One that is an operation's is freed
 * with that: trying it is NLFTP_INVALID_ARGUMENT. NULL is nothing, and NLFTP_OK.
 *
 * Any thread, while no other uses it; does not block.
 */
nlftp_status nlftp_listing_free(nlftp_listing *listing);

/**
 * How many entries there are.
 *
 * Any thread; does not block.
 */
nlftp_status nlftp_listing_count(const nlftp_listing *listing, size_t *count);

/**
 * An entry, the first one with index 0.
 *
 * *entry is a part of the listing, and lives as long. NLFTP_NO_VALUE past the last. Any thread; does
 * not block.
 */
nlftp_status nlftp_listing_entry(const nlftp_listing *listing, size_t index, const nlftp_entry **entry);

/**
 * Makes a listing of size octets of text that a server sent: LIST in the forms of Unix, DOS and EPLF,
 * MLSD (RFC 3659), or the lines of STAT. Lines of other forms become entries of the type
 * NLFTP_ENTRY_UNKNOWN; those that stand for nothing in the directory, such as "total 8", are left out.
 *
 * *listing is the caller's: nlftp_listing_free() frees it. text may be NULL where size is 0. Any
 * thread; does not block.
 */
nlftp_status nlftp_listing_parse(const char *text, size_t size, nlftp_listing **listing);

/**
 * The name, as octets: servers do not all speak UTF-8. With length, *name may have NULs inside, and
 * ends with one; without (NULL), each NUL inside is a question mark.
 *
 * *name lives as long as the entry. Any thread; does not block.
 */
nlftp_status nlftp_entry_name(const nlftp_entry *entry, const char **name, size_t *length);

/**
 * The size of a file in bytes.
 *
 * NLFTP_NO_VALUE where the line has none. Any thread; does not block.
 */
nlftp_status nlftp_entry_size(const nlftp_entry *entry, uint64_t *size);

/**
 * What the entry is.
 *
 * Any thread; does not block.
 */
nlftp_status nlftp_entry_kind(const nlftp_entry *entry, nlftp_entry_type *kind);

/**
 * Where a symbolic link leads. length as for nlftp_entry_name().
 *
 * *target lives as long as the entry. NLFTP_NO_VALUE where the line does not tell. Any thread; does
 * not block.
 */
nlftp_status nlftp_entry_target(const nlftp_entry *entry, const char **target, size_t *length);

/**
 * The time of the last change in the form of ISO 8601, as much as the line tells:
 * "2026-10-26T15:15:30Z" where it is in UTC, "2026-10-26", or "--10-26T15:15" without a year.
 *
 * *text lives as long as the entry. NLFTP_NO_VALUE where the line does not tell. Any thread; does not
 * block.
 */
nlftp_status nlftp_entry_modified(const nlftp_entry *entry, const char **text);

/**
 * The whole line, without its end. length as for nlftp_entry_name().
 *
 * *line lives as long as the entry. Any thread; does not block.
 */
nlftp_status nlftp_entry_raw(const nlftp_entry *entry, const char **line, size_t *length);

/**
 * Frees what nlftp_modem_info() gave the caller. What is an operation's is freed with that: trying it
 * is NLFTP_INVALID_ARGUMENT. NULL is nothing, and NLFTP_OK.
 *
 * Any thread, while no other uses it; does not block.
 */
nlftp_status nlftp_info_free(nlftp_info *info);

/**
 * The lines of ATI.
 *
 * *lines is a part of info, and lives as long. Any thread; does not block.
 */
nlftp_status nlftp_info_identification(const nlftp_info *info, const nlftp_lines **lines);

/**
 * The manufacturer (AT+CGMI).
 *
 * *text lives as long as info. NLFTP_NO_VALUE where the modem does not tell. Any thread; does not
 * block.
 */
nlftp_status nlftp_info_manufacturer(const nlftp_info *info, const char **text);

/**
 * The model (AT+CGMM).
 *
 * *text lives as long as info. NLFTP_NO_VALUE where the modem does not tell. Any thread; does not
 * block.
 */
nlftp_status nlftp_info_model(const nlftp_info *info, const char **text);

/**
 * The firmware (AT+CGMR).
 *
 * *text lives as long as info. NLFTP_NO_VALUE where the modem does not tell. Any thread; does not
 * block.
 */
nlftp_status nlftp_info_revision(const nlftp_info *info, const char **text);

/**
 * The IMEI (AT+CGSN).
 *
 * *text lives as long as info. NLFTP_NO_VALUE where the modem does not tell. Any thread; does not
 * block.
 */
nlftp_status nlftp_info_serial_number(const nlftp_info *info, const char **text);

/**
 * The SIM (AT+CPIN?): "READY", what it waits for, or the error that the modem answers without one.
 *
 * *text lives as long as info. NLFTP_NO_VALUE where the modem does not tell. Any thread; does not
 * block.
 */
nlftp_status nlftp_info_sim(const nlftp_info *info, const char **text);

/**
 * The state of registration as 3GPP TS 27.007 numbers it (+CEREG, +CREG): 1 is the home network, 5
 * roaming.
 *
 * NLFTP_NO_VALUE where the modem does not tell. Any thread; does not block.
 */
nlftp_status nlftp_info_registration(const nlftp_info *info, uint32_t *state);

/**
 * The operator (AT+COPS?).
 *
 * *text lives as long as info. NLFTP_NO_VALUE where the modem does not tell. Any thread; does not
 * block.
 */
nlftp_status nlftp_info_operator(const nlftp_info *info, const char **text);

/**
 * The access technology as 3GPP TS 27.007 numbers it (AT+COPS?): 2 for UMTS, 7 for LTE.
 *
 * NLFTP_NO_VALUE where the modem does not tell. Any thread; does not block.
 */
nlftp_status nlftp_info_access_technology(const nlftp_info *info, uint32_t *number);

/**
 * The signal strength as AT+CSQ numbers it: 0 to 31; 99 is unknown.
 *
 * NLFTP_NO_VALUE where the modem does not tell. Any thread; does not block.
 */
nlftp_status nlftp_info_signal(const nlftp_info *info, uint32_t *signal);

/**
 * The signal strength in dBm, from -113 to -51.
 *
 * NLFTP_NO_VALUE where it is unknown. Any thread; does not block.
 */
nlftp_status nlftp_info_signal_dbm(const nlftp_info *info, int32_t *dbm);

/**
 * The address of the PDP context.
 *
 * *text lives as long as info. NLFTP_NO_VALUE while the module is not attached. Any thread; does not
 * block.
 */
nlftp_status nlftp_info_address(const nlftp_info *info, const char **text);

/**
 * Whether an FTP connection is open (AT+FTPOPEN?).
 *
 * NLFTP_NO_VALUE where the modem does not tell. Any thread; does not block.
 */
nlftp_status nlftp_info_ftp_connected(const nlftp_info *info, bool *connected);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* NLFTP_H */
