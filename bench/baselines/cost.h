/* What a client measures, as the Rust ones do: "SECONDS BEST PROCESSOR" on one line. */
#ifndef COST_H
#define COST_H
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double clock_of(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double now(void) { return clock_of(CLOCK_MONOTONIC); }
static double processor(void) { return clock_of(CLOCK_PROCESS_CPUTIME_ID); }

static void print_transfer(double start, double spent) {
    double seconds = now() - start;
    printf("%.9f %.9f %.6f\n", seconds, seconds, processor() - spent);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Runs a command many times; prints the median and the best. */
static void print_commands(long count, void (*command)(void)) {
    double *times = malloc((size_t)count * sizeof *times);
    if (times == NULL) exit(1);
    for (long i = 0; i < 200 && i < count; i++) command();
    double spent = processor();
    for (long i = 0; i < count; i++) {
        double start = now();
        command();
        times[i] = now() - start;
    }
    spent = processor() - spent;
    qsort(times, (size_t)count, sizeof *times, by_size);
    printf("%.9f %.9f %.6f\n", times[count / 2], times[0], spent);
    free(times);
}

/* The file: its first size bytes. */
static unsigned char *load(const char *name, size_t size) {
    unsigned char *data = malloc(size + 1);
    FILE *file = fopen(name, "rb");
    if (data == NULL || file == NULL || fread(data, 1, size, file) != size) {
        fprintf(stderr, "%s cannot be read\n", name);
        exit(1);
    }
    fclose(file);
    return data;
}
#endif
