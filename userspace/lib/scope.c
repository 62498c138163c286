// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Scopes: a convention about the text of marks, which is in libflightrec.h.
 */
#include <errno.h>
#include <string.h>

#include "libflightrec.h"

static bool is_key_byte(char byte)
{
	return (unsigned char)byte > ' ' && byte != 0x7f;
}

/* How many bytes at @text can be a key. */
static size_t key_length(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length && is_key_byte(text[i]))
		i++;
	return i;
}

static int mark_scope(int fd, char what, const char *key, const char *text)
{
	size_t key_bytes = strnlen(key, FLIGHTREC_SCOPE_KEY_MAX + 1);
	size_t text_bytes = text ? strnlen(text, FLIGHTREC_MARK_MAX) : 0;
	char mark[FLIGHTREC_MARK_MAX];
	char *next = mark;

	if (!key_bytes || key_length(key, key_bytes) != key_bytes)
		return -EINVAL;
	if (key_bytes > FLIGHTREC_SCOPE_KEY_MAX ||
	    1 + key_bytes + !!text_bytes + text_bytes > sizeof(mark))
		return -EMSGSIZE;
	*next++ = what;
	next = mempcpy(next, key, key_bytes);
	if (text_bytes) {
		*next++ = ' ';
		next = mempcpy(next, text, text_bytes);
	}
	return flightrec_mark(fd, mark, (size_t)(next - mark));
}

/**
 * flightrec_mark_begin() - leave a mark that begins a scope
 * @fd: from flightrec_open(), open for reading or for writing
 * @key: of the scope: no blanks and no control characters
 * @text: what it is about; NULL or "": nothing
 *
 * Async-signal-safe.
 *
 * Return: 0; -EINVAL: an empty key, or one that has such characters; -EMSGSIZE: a
 * key of more than FLIGHTREC_SCOPE_KEY_MAX bytes, or key and text do not fit
 * FLIGHTREC_MARK_MAX with two bytes more; or what flightrec_mark() returns.
 */
int flightrec_mark_begin(int fd, const char *key, const char *text)
{
	return mark_scope(fd, FLIGHTREC_SCOPE_BEGIN, key, text);
}

/**
 * flightrec_mark_end() - leave a mark that ends a scope
 * @fd: from flightrec_open(), open for reading or for writing
 * @key: as it began, by the same thread
 * @text: how it went; NULL or "": nothing
 *
 * Async-signal-safe.
 *
 * Return: as flightrec_mark_begin().
 */
int flightrec_mark_end(int fd, const char *key, const char *text)
{
	return mark_scope(fd, FLIGHTREC_SCOPE_END, key, text);
}

/**
 * flightrec_scope_parse() - does a mark begin or end a scope?
 * @mark: its text, not NUL terminated
 * @length: how many bytes
 * @scope: filled in, if it does; it points into @mark
 *
 * Return: whether it does.
 */
bool flightrec_scope_parse(const char *mark, size_t length,
			   struct flightrec_scope *scope)
{
	size_t key;

	if (!length ||
	    (*mark != FLIGHTREC_SCOPE_BEGIN && *mark != FLIGHTREC_SCOPE_END))
		return false;
	key = key_length(mark + 1, length - 1);
	if (!key || key > FLIGHTREC_SCOPE_KEY_MAX)
		return false;
	if (1 + key < length && mark[1 + key] != ' ')
		return false;
	scope->begins = *mark == FLIGHTREC_SCOPE_BEGIN;
	scope->key = mark + 1;
	scope->key_length = key;
	scope->text = mark + 1 + key;
	scope->text_length = length - 1 - key;
	if (scope->text_length) {
		scope->text++;
		scope->text_length--;
	}
	return true;
}
