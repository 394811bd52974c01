#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "events.h"
#include "rig.h"

static const size_t BIG = 4000000;

static void count_calls(uint64_t done, int64_t total, double rate, void *user_data)
{
    size_t *calls = user_data;
    (void)done;
    (void)total;
    (void)rate;
    (*calls)++;
}

/* Options that count progress there. */
static nlftp_transfer_options *counting(size_t *calls)
{
    nlftp_transfer_options *options = NULL;
    *calls = 0;
    CHECK_OK(nlftp_transfer_options_new(&options));
    CHECK_OK(nlftp_transfer_options_set_progress(options, count_calls, calls));
    return options;
}

/* Until something has been moved; the line is far too slow for all of it. */
static void wait_until_it_moves(const struct rig *rig, const size_t *calls)
{
    while (*calls == 0) {
        rig_wait(rig);
        CHECK_OK(nlftp_modem_dispatch(rig->modem, NULL));
    }
}

/* Frees the modem in the middle of the transfer: its port can be opened at once. */
static void free_and_make_anew(struct rig *rig, nlftp_op *op)
{
    CHECK_OK(nlftp_modem_free(rig->modem));
    CHECK_IS(NLFTP_CLOSED, nlftp_op_status(op));
    rig->modem = new_modem_on(rig->port);
    CHECK_OK(nlftp_modem_fd(rig->modem, &rig->fd));
    CHECK_OK(nlftp_modem_open(rig->modem, NULL));
}

/* When a modem was freed, the library does nothing to its files any more. */
void free_ends_the_files(const char *folder)
{
    struct rig rig;
    size_t calls = 0;
    nlftp_op *op = NULL;
    rig_start(&rig, "baud", "115200");
    char *data = make_data(BIG, 6);
    char *remote = path_in(rig.root, "big");
    char *file = path_in(folder, "file");
    char *part = path_in(folder, "file.nlftp-part");
    write_file(remote, data, BIG);

    rig_connect(&rig);
    nlftp_transfer_options *options = counting(&calls);
    CHECK_OK(nlftp_ftp_get_file(rig.modem, "big", file, options, &op));
    CHECK_OK(nlftp_transfer_options_free(options));
    wait_until_it_moves(&rig, &calls);
    CHECK(access(part, F_OK) == 0);
    free_and_make_anew(&rig, op);
    CHECK(access(part, F_OK) != 0 && access(file, F_OK) != 0);
    CHECK_OK(nlftp_op_free(op));

    /* One that was freed before, and a descriptor: the library has given its copy back. */
    int ends[2];
    CHECK(pipe(ends) == 0);
    CHECK(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
    CHECK_OK(nlftp_ftp_open(rig.modem, rig.login, NULL));
    options = counting(&calls);
    CHECK_OK(nlftp_ftp_get_fd(rig.modem, "big", ends[1], options, &op));
    CHECK_OK(nlftp_transfer_options_free(options));
    close(ends[1]);
    wait_until_it_moves(&rig, &calls);
    free_and_make_anew(&rig, op);
    CHECK_OK(nlftp_op_free(op));
    char piece[4096];
    ssize_t count;
    do {
        count = read(ends[0], piece, sizeof piece);
    } while (count > 0);
    CHECK(count == 0);
    close(ends[0]);

    CHECK_OK(nlftp_ftp_open(rig.modem, rig.login, NULL));
    options = counting(&calls);
    CHECK_OK(nlftp_ftp_get_file(rig.modem, "big", file, options, &op));
    CHECK_OK(nlftp_transfer_options_free(options));
    wait_until_it_moves(&rig, &calls);
    CHECK_OK(nlftp_op_free(op));
    CHECK_OK(nlftp_modem_free(rig.modem));
    CHECK(access(part, F_OK) != 0 && access(file, F_OK) != 0);
    rig.modem = NULL;
    free(part);
    free(file);
    free(remote);
    free(data);
    rig_stop(&rig);
}

static nlftp_status nothing_yet(void *buffer, size_t size, size_t *count, void *user_data)
{
    (void)buffer;
    (void)size;
    (void)count;
    (void)user_data;
    return NLFTP_AGAIN;
}

/* A close that was cancelled before its turn came has closed nothing, freed or not. */
void close_out_of_turn(const char *folder)
{
    (void)folder;
    struct rig rig;
    nlftp_state state = NLFTP_STATE_CLOSED;
    nlftp_op *put = NULL;
    nlftp_op *closing = NULL;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    nlftp_modem *other = new_modem_on(rig.port);
    CHECK_OK(nlftp_ftp_put(rig.modem, nothing_yet, NULL, NULL, -1, "file", NULL, &put));
    CHECK_OK(nlftp_modem_close(rig.modem, &closing));
    CHECK_OK(nlftp_op_cancel(closing));
    CHECK_IS(NLFTP_CANCELLED, nlftp_op_wait(closing, -1));
    CHECK_OK(nlftp_op_free(closing));
    CHECK_OK(nlftp_modem_close(rig.modem, &closing));
    CHECK_OK(nlftp_op_free(closing));
    CHECK_OK(nlftp_modem_state(rig.modem, &state));
    CHECK(state == NLFTP_STATE_CONNECTED);
    CHECK_IS(NLFTP_PORT, nlftp_modem_open(other, NULL));
    CHECK_OK(nlftp_op_cancel(put));
    CHECK_IS(NLFTP_CANCELLED, nlftp_op_wait(put, -1));
    CHECK_OK(nlftp_op_free(put));
    CHECK_OK(nlftp_ftp_noop(rig.modem, NULL));

    /* In its turn it closes, for good. */
    CHECK_OK(nlftp_modem_close(rig.modem, &closing));
    CHECK_OK(rig_follow(&rig, closing));
    CHECK_OK(nlftp_op_free(closing));
    CHECK_IS(NLFTP_CLOSED, nlftp_modem_state(rig.modem, &state));
    CHECK_IS(NLFTP_CLOSED, nlftp_modem_dispatch(rig.modem, NULL));
    CHECK_OK(nlftp_modem_open(other, NULL));
    CHECK_OK(nlftp_modem_free(other));
    rig_stop(&rig);
}
