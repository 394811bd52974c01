#include "case_listing.h"

#include <string.h>

#include "check.h"

typedef nlftp_status (*part_of_entry)(const nlftp_entry *entry, const char **text, size_t *length);

static bool same_part(part_of_entry part, const nlftp_entry *one, const nlftp_entry *other)
{
    const char *texts[2] = {NULL, NULL};
    size_t lengths[2] = {0, 0};
    nlftp_status status = part(one, &texts[0], &lengths[0]);
    CHECK(status == NLFTP_OK || status == NLFTP_NO_VALUE);
    if (part(other, &texts[1], &lengths[1]) != status) {
        return false;
    }
    return lengths[0] == lengths[1] && (lengths[0] == 0 || memcmp(texts[0], texts[1], lengths[0]) == 0);
}

static bool same_entry(const nlftp_entry *one, const nlftp_entry *other)
{
    uint64_t sizes[2] = {0, 0};
    nlftp_entry_type types[2] = {NLFTP_ENTRY_UNKNOWN, NLFTP_ENTRY_UNKNOWN};
    const char *times[2] = {"", ""};
    CHECK_OK(nlftp_entry_kind(one, &types[0]));
    CHECK_OK(nlftp_entry_kind(other, &types[1]));
    bool same = nlftp_entry_size(one, &sizes[0]) == nlftp_entry_size(other, &sizes[1]) &&
                nlftp_entry_modified(one, &times[0]) == nlftp_entry_modified(other, &times[1]);
    return same && sizes[0] == sizes[1] && types[0] == types[1] && strcmp(times[0], times[1]) == 0 &&
           same_part(nlftp_entry_name, one, other) && same_part(nlftp_entry_target, one, other) &&
           same_part(nlftp_entry_raw, one, other);
}

/* What the text gives as a whole; each line alone must give the same. */
static nlftp_listing *parse(const struct bytes *text)
{
    nlftp_listing *whole = NULL;
    CHECK_OK(nlftp_listing_parse(text->data, text->length, &whole));
    size_t entries = 0;
    for (size_t start = 0; start < text->length;) {
        const char *line = text->data + start;
        const char *end = memchr(line, '\n', text->length - start);
        size_t length = end == NULL ? text->length - start : (size_t)(end - line);
        nlftp_listing *alone = NULL;
        size_t count = 0;
        CHECK_OK(nlftp_listing_parse(line, length, &alone));
        CHECK_OK(nlftp_listing_count(alone, &count));
        if (count > 0) {
            const nlftp_entry *entry = NULL;
            const nlftp_entry *in_whole = NULL;
            const char *raw = NULL;
            size_t raw_length = 0;
            CHECK(count == 1);
            CHECK_OK(nlftp_listing_entry(alone, 0, &entry));
            CHECK_OK(nlftp_listing_entry(whole, entries, &in_whole));
            CHECK_OK(nlftp_entry_raw(entry, &raw, &raw_length));
            CHECK(raw_length == length && memcmp(raw, line, length) == 0 && raw[length] == '\0');
            CHECK(same_entry(entry, in_whole));
            entries++;
        }
        CHECK_OK(nlftp_listing_free(alone));
        start += length + 1;
    }
    size_t count = 0;
    CHECK_OK(nlftp_listing_count(whole, &count));
    CHECK(count == entries);
    return whole;
}

bool listing_compare(const struct bytes *text, const nlftp_listing *listing)
{
    nlftp_listing *expected = parse(text);
    size_t wanted = 0;
    size_t count = 0;
    CHECK_OK(nlftp_listing_count(expected, &wanted));
    CHECK_OK(nlftp_listing_count(listing, &count));
    bool same = count == wanted;
    for (size_t i = 0; same && i < count; i++) {
        const nlftp_entry *one = NULL;
        const nlftp_entry *other = NULL;
        CHECK_OK(nlftp_listing_entry(expected, i, &one));
        CHECK_OK(nlftp_listing_entry(listing, i, &other));
        same = same_entry(one, other);
    }
    const nlftp_entry *none = NULL;
    CHECK_IS(NLFTP_NO_VALUE, nlftp_listing_entry(listing, count, &none));
    CHECK(none == NULL);
    CHECK_OK(nlftp_listing_free(expected));
    return same;
}

nlftp_status listing_compare_entries(nlftp_modem *modem, const char *path, const struct bytes *text, bool *same)
{
    nlftp_entries *entries = NULL;
    nlftp_status status = nlftp_ftp_entries(modem, path, &entries);
    if (status != NLFTP_OK) {
        CHECK(entries == NULL);
        return status;
    }
    nlftp_listing *expected = parse(text);
    size_t wanted = 0;
    size_t count = 0;
    bool equal = true;
    const nlftp_entry *entry = NULL;
    CHECK_OK(nlftp_listing_count(expected, &wanted));
    while ((status = nlftp_entries_next(entries, &entry)) == NLFTP_OK) {
        const nlftp_entry *other = NULL;
        equal = equal && nlftp_listing_entry(expected, count, &other) == NLFTP_OK && same_entry(entry, other);
        count++;
    }
    *same = equal && count == wanted;
    CHECK_OK(nlftp_listing_free(expected));
    CHECK_OK(nlftp_entries_free(entries));
    return status == NLFTP_NO_VALUE ? NLFTP_OK : status;
}
