/* Listings against the text that they were made of. */
#ifndef CASE_LISTING_H
#define CASE_LISTING_H

#include "case_file.h"
#include "nlftp.h"

/* The listing is that of the text: each line is an entry, in order, but those that alone give none. */
bool listing_compare(const struct bytes *text, const nlftp_listing *listing);

/* The same for a directory that is read entry by entry; the status that ended the reading, NLFTP_OK at its end. */
nlftp_status listing_compare_entries(nlftp_modem *modem, const char *path, const struct bytes *text, bool *same);

#endif
