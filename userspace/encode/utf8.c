// SPDX-License-Identifier: GPL-2.0
/*
 * Is it UTF-8? See utf8.h.
 */
#include "utf8.h"

#include <stdbool.h>

/* How many bytes a sequence has that begins with @lead; 0: none does. */
static size_t sequence_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	if (lead >= 0xf0 && lead <= 0xf4)
		return 4;
	return 0;
}

static bool is_valid(uint32_t c, size_t length)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	return c >= least[length] && c <= 0x10ffff &&
	       (c < 0xd800 || c > 0xdfff);
}

size_t utf8_decode(const char *bytes, size_t length, uint32_t *character)
{
	unsigned char lead = (unsigned char)bytes[0];
	size_t count = sequence_length(lead);
	uint32_t c = count > 1 ? lead & (0x7fU >> count) : lead;

	if (!count || count > length)
		return 0;
	for (size_t i = 1; i < count; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if ((byte & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (byte & 0x3f);
	}
	*character = c;
	return is_valid(c, count) ? count : 0;
}
