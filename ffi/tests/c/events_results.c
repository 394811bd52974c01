#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "events.h"
#include "rig.h"

static void expect_some_text(nlftp_status (*get)(const nlftp_info *info, const char **text), const nlftp_info *info)
{
    const char *text = NULL;
    CHECK_OK(get(info, &text));
    CHECK(text != NULL && text[0] != '\0');
}

static void look_at_info(const nlftp_info *info)
{
    const nlftp_lines *lines = NULL;
    size_t count = 0;
    uint32_t number = 77;
    int32_t dbm = 77;
    bool connected = false;
    const char *address = NULL;
    CHECK_OK(nlftp_info_identification(info, &lines));
    CHECK_OK(nlftp_lines_count(lines, &count));
    CHECK(count > 0);
    expect_some_text(nlftp_info_manufacturer, info);
    expect_some_text(nlftp_info_model, info);
    expect_some_text(nlftp_info_revision, info);
    expect_some_text(nlftp_info_serial_number, info);
    expect_some_text(nlftp_info_sim, info);
    expect_some_text(nlftp_info_operator, info);
    CHECK_OK(nlftp_info_registration(info, &number));
    CHECK(number == 1 || number == 5);
    CHECK_OK(nlftp_info_signal(info, &number));
    CHECK(number <= 31);
    CHECK_OK(nlftp_info_signal_dbm(info, &dbm));
    CHECK(dbm >= -113 && dbm <= -51);
    CHECK_OK(nlftp_info_access_technology(info, &number));
    CHECK_OK(nlftp_info_address(info, &address));
    CHECK_TEXT("10.34.7.211", address);
    CHECK_OK(nlftp_info_ftp_connected(info, &connected));
    CHECK(connected);
}

/* Every kind of result, of a blocking call and of an operation; the latter lives as long as that. */
void results(const char *folder)
{
    (void)folder;
    struct rig rig;
    nlftp_op *op = NULL;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    CHECK_OK(nlftp_ftp_put_memory(rig.modem, "content", 7, "file", NULL, NULL));
    CHECK_OK(nlftp_ftp_mkd(rig.modem, "folder", NULL));

    nlftp_info *info = NULL;
    CHECK_OK(nlftp_modem_info(rig.modem, &info, NULL));
    look_at_info(info);
    CHECK_OK(nlftp_info_free(info));
    const nlftp_info *seen = NULL;
    CHECK_OK(nlftp_modem_info(rig.modem, NULL, &op));
    CHECK_OK(rig_follow(&rig, op));
    CHECK_OK(nlftp_op_info(op, &seen));
    look_at_info(seen);
    /* It is the operation's. */
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_info_free((nlftp_info *)(size_t)seen));
    CHECK_OK(nlftp_op_free(op));

    const nlftp_listing *listing = NULL;
    size_t count = 0;
    CHECK_OK(nlftp_ftp_list(rig.modem, NULL, NULL, &op));
    CHECK_OK(rig_follow(&rig, op));
    CHECK_OK(nlftp_op_listing(op, &listing));
    CHECK_OK(nlftp_listing_count(listing, &count));
    CHECK(count == 2);
    for (size_t i = 0; i < count; i++) {
        const nlftp_entry *entry = NULL;
        const char *name = NULL;
        const char *text = NULL;
        uint64_t size = 77;
        nlftp_entry_type type = NLFTP_ENTRY_UNKNOWN;
        CHECK_OK(nlftp_listing_entry(listing, i, &entry));
        CHECK_OK(nlftp_entry_name(entry, &name, NULL));
        CHECK_OK(nlftp_entry_kind(entry, &type));
        CHECK_OK(nlftp_entry_modified(entry, &text));
        CHECK_OK(nlftp_entry_raw(entry, &text, NULL));
        CHECK_CONTAINS(name, text);
        CHECK_IS(NLFTP_NO_VALUE, nlftp_entry_target(entry, &text, NULL));
        if (strcmp(name, "file") == 0) {
            CHECK(type == NLFTP_ENTRY_FILE);
            CHECK_OK(nlftp_entry_size(entry, &size));
            CHECK(size == 7);
        } else {
            CHECK_TEXT("folder", name);
            CHECK(type == NLFTP_ENTRY_DIRECTORY);
        }
    }
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_listing_free((nlftp_listing *)(size_t)listing));
    CHECK_OK(nlftp_op_free(op));

    nlftp_lines *lines = NULL;
    CHECK_OK(nlftp_ftp_stat(rig.modem, "file", &lines, NULL));
    CHECK_OK(nlftp_lines_count(lines, &count));
    CHECK(count > 0);
    CHECK_OK(nlftp_lines_free(lines));
    char *text = NULL;
    CHECK_OK(nlftp_ftp_syst(rig.modem, &text, NULL));
    CHECK(text[0] != '\0');
    CHECK_OK(nlftp_string_free(text));
    /* Results that nobody wants. */
    CHECK_OK(nlftp_ftp_syst(rig.modem, NULL, NULL));
    CHECK_OK(nlftp_ftp_pwd(rig.modem, NULL, NULL));
    CHECK_OK(nlftp_ftp_list(rig.modem, NULL, NULL, NULL));
    CHECK_OK(nlftp_ftp_stat(rig.modem, NULL, NULL, NULL));
    CHECK_OK(nlftp_modem_info(rig.modem, NULL, NULL));
    CHECK_OK(nlftp_ftp_is_connected(rig.modem, NULL, NULL));
    CHECK_OK(nlftp_modem_command(rig.modem, "ATI", NULL, NULL));
    /* A result has one place. */
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_syst(rig.modem, &text, &op));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_get_memory(rig.modem, "file", NULL, 0, &count, NULL, &op));
    rig_stop(&rig);
}

enum { FILES = 300 };

static size_t read_all(nlftp_entries *entries)
{
    const nlftp_entry *entry = NULL;
    size_t count = 0;
    nlftp_status status;
    while ((status = nlftp_entries_next(entries, &entry)) == NLFTP_OK) {
        const char *name = NULL;
        CHECK_OK(nlftp_entry_name(entry, &name, NULL));
        CHECK(strncmp(name, "file-", 5) == 0);
        count++;
    }
    CHECK_IS(NLFTP_NO_VALUE, status);
    CHECK_IS(NLFTP_NO_VALUE, nlftp_entries_next(entries, &entry));
    return count;
}

/* A directory entry by entry, with other things in between, given up in its middle, and left behind by its modem. */
void entries_in_turn(const char *folder)
{
    (void)folder;
    struct rig rig;
    nlftp_entries *entries = NULL;
    nlftp_entries *left = NULL;
    const nlftp_entry *entry = NULL;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    for (int i = 0; i < FILES; i++) {
        char name[32];
        sprintf(name, "file-%03d", i);
        char *path = path_in(rig.root, name);
        write_file(path, name, 8);
        free(path);
    }
    CHECK_OK(nlftp_ftp_entries(rig.modem, NULL, &entries));
    CHECK(read_all(entries) == FILES);
    CHECK_OK(nlftp_entries_free(entries));

    CHECK_OK(nlftp_ftp_entries(rig.modem, NULL, &entries));
    CHECK_OK(nlftp_entries_next(entries, &entry));
    CHECK_OK(nlftp_ftp_noop(rig.modem, NULL));
    nlftp_op *op = NULL;
    CHECK_OK(nlftp_ftp_noop(rig.modem, &op));
    CHECK_OK(rig_follow(&rig, op));
    CHECK_OK(nlftp_op_free(op));
    CHECK(read_all(entries) == FILES - 1);
    CHECK_OK(nlftp_entries_free(entries));

    CHECK_OK(nlftp_ftp_entries(rig.modem, NULL, &entries));
    CHECK_OK(nlftp_entries_next(entries, &entry));
    CHECK_OK(nlftp_entries_free(entries));
    CHECK_OK(nlftp_ftp_noop(rig.modem, NULL));

    CHECK_OK(nlftp_ftp_entries(rig.modem, NULL, &entries));
    CHECK_OK(nlftp_ftp_entries(rig.modem, "no-such-directory", &left));
    CHECK(read_all(entries) == FILES);
    CHECK_OK(nlftp_entries_free(entries));
    nlftp_status status = nlftp_entries_next(left, &entry);
    CHECK(status == NLFTP_REFUSED || status == NLFTP_NO_VALUE);
    CHECK_IS(status, nlftp_entries_next(left, &entry));
    CHECK_OK(nlftp_entries_free(left));

    CHECK_OK(nlftp_ftp_entries(rig.modem, NULL, &left));
    rig_stop(&rig);
    CHECK_IS(NLFTP_CLOSED, nlftp_entries_next(left, &entry));
    CHECK_OK(nlftp_entries_free(left));
}
