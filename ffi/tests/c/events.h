/* The parts of the program events; each gets a folder of its own for files. */
#ifndef EVENTS_H
#define EVENTS_H

/* events_loop.c */
void queued_operations(const char *folder);
void every_source_and_sink(const char *folder);
void handed_out_once(const char *folder);
void waits_and_dispatch(const char *folder);
void blocking_files_do_not_block_the_loop(const char *folder);
/* events_again.c */
void again_in_a_loop(const char *folder);
void again_while_waiting(const char *folder);
void failing_source_and_sink(const char *folder);
void asked_no_more(const char *folder);
void seek_says_again(const char *folder);
/* events_lost.c */
void port_lost_and_opened_again(const char *folder);
void port_lost_in_a_transfer(const char *folder);
void port_unplugged_and_waited_for(const char *folder);
/* events_callbacks.c */
void unasked_lines(const char *folder);
void callbacks_change_under_traffic(const char *folder);
void callbacks_start_operations(const char *folder);
void progress_and_threads(const char *folder);
void log_and_trace(const char *folder);
/* events_cancel.c */
void cancel_from_a_thread(const char *folder);
void cancel_from_a_signal_handler(const char *folder);
void free_of_what_runs(const char *folder);
/* events_closing.c */
void free_ends_the_files(const char *folder);
void close_out_of_turn(const char *folder);
/* events_signals.c */
void broken_pipes(const char *folder);
void signals_of_the_program(const char *folder);
/* events_threads.c */
void many_modems(const char *folder);
void many_threads(const char *folder);
void two_loops(const char *folder);
void waiting_threads_and_a_loop(const char *folder);
void nothing_is_left(const char *folder);
/* events_results.c */
void results(const char *folder);
void entries_in_turn(const char *folder);
/* events_resume.c */
void uploads_go_on(const char *folder);
void downloads_go_on(const char *folder);
void deadlines(const char *folder);
/* events_fork.c */
void forked_child(const char *folder);

#endif
