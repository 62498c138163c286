/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is it UTF-8? For text that a program could choose.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

/**
 * utf8_decode() - the character at the beginning of some bytes
 * @bytes: they
 * @length: how many, at least 1
 * @character: (out) its code point
 *
 * Return: how many bytes it takes; 0 if they are not valid there: no beginning,
 * cut short, longer than need be, a surrogate, or past the last code point.
 */
size_t utf8_decode(const char *bytes, size_t length, uint32_t *character);

#endif /* UTF8_H */
