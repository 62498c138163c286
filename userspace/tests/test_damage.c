// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A window damaged anywhere still gives every event of every block that is not
 * damaged, and says how many are lost. Many windows, each damaged by chance; what
 * must come out is known from the building (see support/ledger.h).
 *
 * FLIGHTREC_DAMAGE=SEED tries that one alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "damage.h"

#define TRIES 20000

static void try_seed(uint64_t seed)
{
	struct dice dice = { .state = ~seed };
	const char *fault = damage_try(seed, &dice);

	if (fault)
		fail_msg("FLIGHTREC_DAMAGE=%llu: %s", (unsigned long long)seed,
			 fault);
}

static void test_damaged_anywhere(void **unused)
{
	const char *one = getenv("FLIGHTREC_DAMAGE");

	(void)unused;
	for (uint64_t seed = 0; seed < TRIES && !one; seed++)
		try_seed(seed);
	if (one)
		try_seed(strtoull(one, NULL, 0));
}

/*
 * Damage that makes a record of the last block two, of which the second seems to be
 * later than the cut: as many events as before, and what the CPU table tells is not told.
 */
static void test_one_more_behind_the_cut(void **unused)
{
	static const uint8_t choices[] = { 0x10, 0xd9, 0x10, 0, 0, 0xd9, 0x31 };
	struct dice dice = { .bytes = choices, .left = sizeof(choices) };
	uint64_t seed = dice_roll(&dice, 65536);

	(void)unused;
	assert_null(damage_try(seed, &dice));
}

/* ---- that it can fail ------------------------------------------------------ */

/* A window, not damaged, and what came out of it. */
struct stage {
	struct ledger ledger;
	struct damage damage;
	struct outcome outcome;
};

static const char *judge(const struct stage *stage)
{
	return damage_judge(&stage->damage, &stage->ledger, &stage->outcome);
}

static void stage_init(struct stage *stage)
{
	struct dice dice = { .state = 1 };
	uint64_t seed = 0;

	/* One with something in every part of it. */
	for (;; seed++) {
		ledger_init(&stage->ledger, seed);
		if (stage->ledger.losses_count && stage->ledger.cpus > 1 &&
		    stage->ledger.count > 100)
			break;
		ledger_deinit(&stage->ledger);
	}
	damage_init(&stage->damage, &stage->ledger, &dice);
	memcpy(stage->damage.bytes, stage->ledger.b.bytes,
	       stage->ledger.b.length);
	stage->damage.length = stage->ledger.b.length;
	stage->damage.kind = DAMAGE_NONE;
	assert_int_equal(outcome_init(&stage->outcome, stage->damage.bytes,
				      stage->damage.length),
			 0);
	assert_null(judge(stage));
}

static void stage_deinit(struct stage *stage)
{
	outcome_deinit(&stage->outcome);
	damage_deinit(&stage->damage);
	ledger_deinit(&stage->ledger);
}

/* Each event in turn is left out, comes twice, is another, or another time. */
static void test_decoder_that_errs_is_seen(void **unused)
{
	struct stage stage;
	struct outcome_event *events, kept;
	size_t i, count;

	(void)unused;
	stage_init(&stage);
	events = stage.outcome.events;
	count = stage.outcome.count;
	for (i = 0; i + 1 < count; i++) {
		if (events[i].type == FLIGHTREC_EVENT_GAP)
			continue;
		kept = events[i];
		events[i] = events[count - 1];
		stage.outcome.count--;
		assert_non_null(judge(&stage));
		stage.outcome.count++;
		events[i] = kept;
		events[i].clock++;
		events[i].sum++;
		events[i].lost++;
		if (kept.type != FLIGHTREC_EVENT_BEGIN)
			assert_non_null(judge(&stage));
		events[i] = kept;
		assert_null(judge(&stage));
	}
	stage_deinit(&stage);
}

/* Of a damaged block the count is wrong, or not told. */
static void test_wrong_count_is_seen(void **unused)
{
	struct stage stage;
	size_t i, lost = SIZE_MAX;
	struct flightrec_block *block;

	(void)unused;
	stage_init(&stage);
	outcome_deinit(&stage.outcome);
	for (i = 0; window_builder_blocks(&stage.ledger.b,
					  stage.ledger.numbers[i]) < 3;
	     i++)
		assert_true(i + 1 < stage.ledger.cpus);
	stage.damage.kind = DAMAGE_BLOCK;
	stage.damage.cpu = (unsigned int)i;
	stage.damage.block = 1;
	stage.damage.unreadable = true;
	stage.damage.header_hit = true;
	block = window_builder_block_at(&stage.ledger.b,
					stage.ledger.numbers[i], 1);
	stage.damage.bytes[(uint8_t *)block - stage.ledger.b.bytes] ^= 1;
	assert_int_equal(outcome_init(&stage.outcome, stage.damage.bytes,
				      stage.damage.length),
			 0);
	assert_null(judge(&stage));
	for (i = 0; i < stage.outcome.count; i++)
		if (stage.outcome.events[i].damaged)
			lost = i;
	assert_true(lost != SIZE_MAX);
	stage.outcome.events[lost].lost++;
	assert_non_null(judge(&stage));
	stage.outcome.events[lost].type = FLIGHTREC_EVENT_GAP;
	assert_non_null(judge(&stage));
	stage_deinit(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged_anywhere),
		cmocka_unit_test(test_one_more_behind_the_cut),
		cmocka_unit_test(test_decoder_that_errs_is_seen),
		cmocka_unit_test(test_wrong_count_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
