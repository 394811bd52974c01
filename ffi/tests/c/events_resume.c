#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "events.h"
#include "rig.h"

/* More than is ever on its way between server and file: a cancel comes in time. */
static const size_t LARGE = 2200000;
static const size_t CUT = 100000;

/* The first part of a file, and then nothing more. */
struct part {
    const char *data;
    size_t size;
    size_t at;
    size_t limit;
    size_t seeks;
};

static nlftp_status read_part(void *buffer, size_t size, size_t *count, void *user_data)
{
    struct part *part = user_data;
    size_t left = part->limit - part->at;
    *count = size < left ? size : left;
    memcpy(buffer, part->data + part->at, *count);
    part->at += *count;
    return *count == 0 && part->limit < part->size ? NLFTP_AGAIN : NLFTP_OK;
}

static nlftp_status seek_part(uint64_t offset, void *user_data)
{
    struct part *part = user_data;
    CHECK(offset <= part->size);
    part->at = (size_t)offset;
    part->seeks++;
    return NLFTP_OK;
}

static nlftp_transfer_options *resuming(void)
{
    nlftp_transfer_options *options = NULL;
    CHECK_OK(nlftp_transfer_options_new(&options));
    CHECK_OK(nlftp_transfer_options_set_resume(options, true));
    CHECK_OK(nlftp_transfer_options_set_via(options, NLFTP_VIA_STREAM));
    return options;
}

/* An upload that is cancelled once the server has something of it. */
static void cut_upload(const struct rig *rig, const char *data, size_t size, const nlftp_transfer_options *options)
{
    struct part part = {data, size, 0, size / 2, 0};
    char *file = path_in(rig->root, "up");
    nlftp_op *op = NULL;
    const char *left_behind = NULL;
    CHECK_OK(nlftp_ftp_put(rig->modem, read_part, seek_part, &part, (int64_t)size, "up", options, &op));
    /* The source waits in its middle; the loop goes on until the file has begun to grow there. */
    FILE *there = NULL;
    bool grown = false;
    while (!grown) {
        CHECK_IS(NLFTP_PENDING, nlftp_op_wait(op, 5));
        there = fopen(file, "rb");
        grown = there != NULL && fgetc(there) != EOF;
        if (there != NULL) {
            fclose(there);
        }
    }
    CHECK_OK(nlftp_op_cancel(op));
    CHECK_IS(NLFTP_CANCELLED, rig_follow(rig, op));
    CHECK_OK(nlftp_last_error_left_behind(&left_behind));
    CHECK_CONTAINS("up", left_behind);
    CHECK_OK(nlftp_op_free(op));
    free(file);
}

static uint64_t expect_resumed(nlftp_op *op, size_t size)
{
    const nlftp_transfer *transfer = NULL;
    uint64_t from = 0;
    uint64_t bytes = 0;
    nlftp_verified verified = NLFTP_VERIFIED_NO;
    CHECK_OK(nlftp_op_transfer(op, &transfer));
    CHECK_OK(nlftp_transfer_resumed_from(transfer, &from));
    CHECK_OK(nlftp_transfer_bytes(transfer, &bytes));
    CHECK_OK(nlftp_transfer_verified(transfer, &verified));
    CHECK(from + bytes == size && verified == NLFTP_VERIFIED_SIZE);
    return from;
}

void uploads_go_on(const char *folder)
{
    struct rig rig;
    const size_t size = 300000;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    char *data = make_data(size, 6);
    char *local = path_in(folder, "up");
    char *remote = path_in(rig.root, "up");
    write_file(local, data, size);
    nlftp_transfer_options *options = resuming();
    for (int way = 0; way < 4; way++) {
        struct part part = {data, size, 0, size, 0};
        nlftp_op *op = NULL;
        cut_upload(&rig, data, size, options);
        /* The next call waits until the module has left the data phase, and with it the file. */
        CHECK_OK(nlftp_ftp_noop(rig.modem, NULL));
        if (way == 0) {
            CHECK_OK(nlftp_ftp_put_file(rig.modem, local, "up", options, &op));
        } else if (way == 1) {
            int fd = open(local, O_RDONLY);
            CHECK(fd >= 0);
            CHECK_OK(nlftp_ftp_put_fd(rig.modem, fd, "up", options, &op));
            close(fd);
        } else if (way == 2) {
            CHECK_OK(nlftp_ftp_put_memory(rig.modem, data, size, "up", options, &op));
        } else {
            CHECK_OK(nlftp_ftp_put(rig.modem, read_part, seek_part, &part, (int64_t)size, "up", options, &op));
        }
        CHECK_OK(rig_follow(&rig, op));
        CHECK(expect_resumed(op, size) > 0);
        CHECK(way != 3 || part.seeks > 0);
        CHECK_OK(nlftp_op_free(op));
        CHECK(file_holds(remote, data, size));
        CHECK(unlink(remote) == 0);
    }
    CHECK_OK(nlftp_transfer_options_free(options));
    free(remote);
    free(local);
    free(data);
    rig_stop(&rig);
}

/* Cancels the download once a part of it is there. */
static void cancel_early(uint64_t done, int64_t total, double rate, void *user_data)
{
    const struct rig *rig = user_data;
    (void)total;
    (void)rate;
    if (done >= CUT) {
        CHECK_OK(nlftp_modem_cancel(rig->modem));
    }
}

void downloads_go_on(const char *folder)
{
    struct rig rig;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    char *data = make_data(LARGE, 7);
    char *remote = path_in(rig.root, "down");
    char *local = path_in(folder, "down");
    char *part = path_in(folder, "down.nlftp-part");
    write_file(remote, data, LARGE);
    nlftp_transfer_options *options = resuming();
    nlftp_op *op = NULL;
    const char *left_behind = NULL;
    uint64_t transferred = 0;
    CHECK_OK(nlftp_transfer_options_set_progress(options, cancel_early, &rig));
    CHECK_OK(nlftp_ftp_get_file(rig.modem, "down", local, options, &op));
    CHECK_IS(NLFTP_CANCELLED, rig_follow(&rig, op));
    CHECK_OK(nlftp_last_error_left_behind(&left_behind));
    CHECK_CONTAINS("down.nlftp-part", left_behind);
    CHECK_OK(nlftp_last_error_transferred(&transferred));
    CHECK(transferred >= CUT);
    CHECK_OK(nlftp_op_free(op));
    CHECK(access(local, F_OK) != 0 && access(part, F_OK) == 0);

    CHECK_OK(nlftp_transfer_options_set_progress(options, NULL, NULL));
    CHECK_OK(nlftp_ftp_get_file(rig.modem, "down", local, options, &op));
    CHECK_OK(rig_follow(&rig, op));
    CHECK(expect_resumed(op, LARGE) >= CUT);
    CHECK_OK(nlftp_op_free(op));
    CHECK(file_holds(local, data, LARGE));
    CHECK(access(part, F_OK) != 0);

    /* Without resume a failure leaves the file that was there before, and nothing beside it. */
    write_file(local, "before", 6);
    nlftp_transfer_options *plain = NULL;
    CHECK_OK(nlftp_transfer_options_new(&plain));
    CHECK_OK(nlftp_transfer_options_set_progress(plain, cancel_early, &rig));
    CHECK_IS(NLFTP_CANCELLED, nlftp_ftp_get_file(rig.modem, "down", local, plain, NULL));
    CHECK(file_holds(local, "before", 6) && access(part, F_OK) != 0);
    CHECK_OK(nlftp_transfer_options_free(plain));
    CHECK_OK(nlftp_transfer_options_free(options));
    free(part);
    free(local);
    free(remote);
    free(data);
    rig_stop(&rig);
}

/* A transfer that never ends, with a time limit of its own. */
static nlftp_status put_late(const struct rig *rig, int64_t limit, bool with_op)
{
    struct part part = {"abcdefgh", 8, 0, 4, 0};
    nlftp_transfer_options *options = NULL;
    nlftp_op *op = NULL;
    /* What is done behind the call before would be time of this one. */
    CHECK_OK(nlftp_ftp_noop(rig->modem, NULL));
    CHECK_OK(nlftp_transfer_options_new(&options));
    CHECK_OK(nlftp_transfer_options_set_deadline(options, limit));
    nlftp_status status = nlftp_ftp_put(rig->modem, read_part, NULL, &part, 8, "late", options, with_op ? &op : NULL);
    CHECK_OK(nlftp_transfer_options_free(options));
    if (with_op) {
        CHECK_OK(status);
        status = rig_follow(rig, op);
        CHECK_OK(nlftp_op_free(op));
    }
    return status;
}

/* A time limit of the call's own ends what would not end; the next call works. */
void deadlines(const char *folder)
{
    (void)folder;
    struct rig rig;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    for (int with_op = 0; with_op < 2; with_op++) {
        int64_t limit = 500;
        nlftp_status status = put_late(&rig, limit, with_op == 1);
        /* On a machine that did not even get to begin with it in that time. */
        while (status == NLFTP_BUSY && limit < 60000) {
            limit *= 2;
            status = put_late(&rig, limit, with_op == 1);
        }
        CHECK_IS(NLFTP_TIMEOUT, status);
    }
    CHECK_OK(nlftp_ftp_put_memory(rig.modem, "content", 7, "in-time", NULL, NULL));
    rig_stop(&rig);
}
