/* Event loops, callbacks, threads and signals, with a virtual modem in the same process.
 *
 * events PART FOLDER    FOLDER is empty, for files of the part */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "events.h"

static const struct {
    const char *name;
    void (*run)(const char *folder);
} parts[] = {
    {"queued_operations", queued_operations},
    {"every_source_and_sink", every_source_and_sink},
    {"handed_out_once", handed_out_once},
    {"waits_and_dispatch", waits_and_dispatch},
    {"blocking_files_do_not_block_the_loop", blocking_files_do_not_block_the_loop},
    {"again_in_a_loop", again_in_a_loop},
    {"again_while_waiting", again_while_waiting},
    {"failing_source_and_sink", failing_source_and_sink},
    {"asked_no_more", asked_no_more},
    {"seek_says_again", seek_says_again},
    {"port_lost_and_opened_again", port_lost_and_opened_again},
    {"port_lost_in_a_transfer", port_lost_in_a_transfer},
    {"port_unplugged_and_waited_for", port_unplugged_and_waited_for},
    {"unasked_lines", unasked_lines},
    {"callbacks_change_under_traffic", callbacks_change_under_traffic},
    {"callbacks_start_operations", callbacks_start_operations},
    {"progress_and_threads", progress_and_threads},
    {"log_and_trace", log_and_trace},
    {"cancel_from_a_thread", cancel_from_a_thread},
    {"cancel_from_a_signal_handler", cancel_from_a_signal_handler},
    {"free_of_what_runs", free_of_what_runs},
    {"free_ends_the_files", free_ends_the_files},
    {"close_out_of_turn", close_out_of_turn},
    {"broken_pipes", broken_pipes},
    {"signals_of_the_program", signals_of_the_program},
    {"many_modems", many_modems},
    {"many_threads", many_threads},
    {"two_loops", two_loops},
    {"waiting_threads_and_a_loop", waiting_threads_and_a_loop},
    {"nothing_is_left", nothing_is_left},
    {"results", results},
    {"entries_in_turn", entries_in_turn},
    {"uploads_go_on", uploads_go_on},
    {"downloads_go_on", downloads_go_on},
    {"deadlines", deadlines},
    {"forked_child", forked_child},
};

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            puts(parts[i].name);
        }
        return 0;
    }
    CHECK(argc == 3);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcmp(argv[1], parts[i].name) == 0) {
            check_begin(parts[i].name);
            parts[i].run(argv[2]);
            puts("all is well");
            return 0;
        }
    }
    CHECK_FAIL("a part that nobody knows");
}
