/* Programs that are wrong on purpose: what is to see such things has to see them.
 *
 * broken KIND */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    if (strcmp(argv[1], "forgotten") == 0) {
        nlftp_login *login = NULL;
        CHECK_OK(nlftp_login_new("host", "user", "password", &login));
        /* Nobody knows it any more. */
        login = NULL;
    } else if (strcmp(argv[1], "overflow") == 0) {
        /* The capacity is a lie, for which the library cannot answer. */
        char *listing = check_alloc(4);
        memcpy(listing, "a\nb\n", 4);
        nlftp_listing *parsed = NULL;
        CHECK_OK(nlftp_listing_parse(listing, 4, &parsed));
        CHECK_OK(nlftp_listing_free(parsed));
        printf("%d\n", listing[argc + 2]);
        free(listing);
    } else {
        CHECK_FAIL("a kind that nobody knows");
    }
    puts("nothing was seen");
    return 0;
}
