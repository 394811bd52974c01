#include "case_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static int hex_digit(char letter)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = letter == '\0' ? NULL : strchr(digits, tolower((unsigned char)letter));
    CHECK(found != NULL);
    return (int)(found - digits);
}

struct bytes unescape(const char *text)
{
    struct bytes out = {check_alloc(strlen(text) + 1), 0};
    while (*text != '\0') {
        char letter = *text++;
        if (letter == '\\') {
            letter = *text++;
            switch (letter) {
            case 'r': letter = '\r'; break;
            case 'n': letter = '\n'; break;
            case 's': letter = ' '; break;
            case '\\': break;
            case 'x': {
                int high = hex_digit(text[0]);
                letter = (char)(high * 16 + hex_digit(text[1]));
                text += 2;
                break;
            }
            default: CHECK_FAIL("an escape that nobody knows");
            }
        }
        out.data[out.length++] = letter;
    }
    out.data[out.length] = '\0';
    return out;
}

struct bytes unescape_word(const char *word)
{
    const char *star = strchr(word, '*');
    if (star == NULL || !isdigit((unsigned char)star[1]) || star[1 + strspn(star + 1, "0123456789")] != '\0') {
        return unescape(word);
    }
    size_t count = (size_t)strtoul(star + 1, NULL, 10);
    char *what = check_copy(word);
    what[star - word] = '\0';
    struct bytes once = unescape(what);
    struct bytes out = {check_alloc(once.length * count + 1), once.length * count};
    for (size_t i = 0; i < count; i++) {
        memcpy(out.data + i * once.length, once.data, once.length);
    }
    out.data[out.length] = '\0';
    free(once.data);
    free(what);
    return out;
}

/* What stands behind the prefix, or NULL. */
static const char *behind(const char *line, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(line, prefix, length) == 0 ? line + length : NULL;
}

static void *grown(void *array, size_t count, size_t size)
{
    void *more = realloc(array, (count + 1) * size);
    CHECK(more != NULL);
    return more;
}

static void add_step(struct protocol_case *current, bool sends, struct bytes bytes)
{
    current->steps = grown(current->steps, current->step_count, sizeof *current->steps);
    current->steps[current->step_count].sends = sends;
    current->steps[current->step_count].bytes = bytes;
    current->step_count++;
}

static void begin_case(struct case_table *table, const char *name)
{
    static const struct protocol_case empty;
    table->cases = grown(table->cases, table->count, sizeof *table->cases);
    table->cases[table->count] = empty;
    table->cases[table->count].name = check_copy(name);
    table->count++;
}

static void read_line(struct case_table *table, const char *line)
{
    const char *rest;
    if ((rest = behind(line, "== ")) != NULL) {
        begin_case(table, rest);
        return;
    }
    CHECK(table->count > 0);
    struct protocol_case *current = &table->cases[table->count - 1];
    if ((rest = behind(line, "call: ")) != NULL) {
        current->call = check_copy(rest);
    } else if ((rest = behind(line, ">> ")) != NULL) {
        add_step(current, true, unescape(rest));
    } else if ((rest = behind(line, "> ")) != NULL) {
        /* A command line stands as it is. */
        size_t length = strlen(rest);
        struct bytes sent = {check_alloc(length + 2), length + 1};
        memcpy(sent.data, rest, length);
        memcpy(sent.data + length, "\r", 2);
        add_step(current, true, sent);
    } else if ((rest = behind(line, "< ")) != NULL) {
        add_step(current, false, unescape(rest));
    } else if ((rest = behind(line, "ok:")) != NULL) {
        current->ok = true;
        current->value = unescape(*rest == ' ' ? rest + 1 : rest);
    } else if ((rest = behind(line, "error: ")) != NULL) {
        const char *blank = strchr(rest, ' ');
        CHECK(blank != NULL);
        current->kind = check_copy(rest);
        current->kind[blank - rest] = '\0';
        current->text = check_copy(blank + 1);
    } else {
        printf("what is this line? %s\n", line);
        CHECK_FAIL("a line that nobody knows");
    }
}

void case_table_read(struct case_table *table, const char *path)
{
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    CHECK(fseek(file, 0, SEEK_END) == 0);
    long size = ftell(file);
    CHECK(size > 0);
    rewind(file);
    char *text = check_alloc((size_t)size + 1);
    CHECK(fread(text, 1, (size_t)size, file) == (size_t)size);
    text[size] = '\0';
    fclose(file);
    for (char *line = text; *line != '\0';) {
        char *end = line + strcspn(line, "\n");
        char *next = *end == '\0' ? end : end + 1;
        *end = '\0';
        if (*line != '\0' && *line != '#') {
            read_line(table, line);
        }
        line = next;
    }
    free(text);
}

void case_table_free(struct case_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        struct protocol_case *done = &table->cases[i];
        for (size_t step = 0; step < done->step_count; step++) {
            free(done->steps[step].bytes.data);
        }
        free(done->steps);
        free(done->name);
        free(done->call);
        free(done->value.data);
        free(done->kind);
        free(done->text);
    }
    free(table->cases);
    table->cases = NULL;
    table->count = 0;
}
