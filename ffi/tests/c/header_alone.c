/* The header stands alone, may be included twice, and its numbers are what they are for ever. */
#include "nlftp.h"
#include "nlftp.h"

#define SAYS(name, condition) typedef char name[(condition) ? 1 : -1]

SAYS(ok, NLFTP_OK == 0);
SAYS(invalid_argument, NLFTP_INVALID_ARGUMENT == 2);
SAYS(port, NLFTP_PORT == 3);
SAYS(timeout, NLFTP_TIMEOUT == 4);
SAYS(command, NLFTP_COMMAND == 5);
SAYS(refused, NLFTP_REFUSED == 6);
SAYS(not_connected, NLFTP_NOT_CONNECTED == 7);
SAYS(busy, NLFTP_BUSY == 8);
SAYS(transfer, NLFTP_TRANSFER == 9);
SAYS(local_file, NLFTP_LOCAL_FILE == 10);
SAYS(closed, NLFTP_CLOSED == 11);
SAYS(would_deadlock, NLFTP_WOULD_DEADLOCK == 12);
SAYS(panic, NLFTP_PANIC == 13);
SAYS(pending, NLFTP_PENDING == 14);
SAYS(again, NLFTP_AGAIN == 15);
SAYS(no_value, NLFTP_NO_VALUE == 16);
SAYS(cancelled, NLFTP_CANCELLED == 130);
/* The library takes every enumeration as 32 bits. */
SAYS(status_size, sizeof(nlftp_status) == 4);
SAYS(via_size, sizeof(nlftp_via) == 4);
SAYS(state_size, sizeof(nlftp_state) == 4);
SAYS(level_size, sizeof(nlftp_log_level) == 4);
SAYS(two_names, sizeof(nlftp_put_options *) == sizeof(nlftp_transfer_options *));

/* The two names are one type: neither needs a cast. */
const nlftp_put_options *as_put_options(const nlftp_transfer_options *options);
const nlftp_put_options *as_put_options(const nlftp_transfer_options *options) { return options; }

#if NLFTP_VERSION_MAJOR < 0 || NLFTP_VERSION_MINOR < 0 || NLFTP_VERSION_PATCH < 0
#error "the version has numbers"
#endif
