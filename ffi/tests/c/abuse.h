/* The parts of the program abuse that have files of their own. */
#ifndef ABUSE_H
#define ABUSE_H

#include "call_table.h"

/* Sizes of 0 and SIZE_MAX, numbers out of their ranges, texts that are no UTF-8 or no names. */
void odd_sizes(const struct things *live);
void odd_numbers(const struct things *live);
void odd_texts(const struct things *live);
/* Callbacks that wait, close and free. */
void odd_callbacks(const struct things *live);

#endif
