# SPDX-License-Identifier: GPL-2.0
# What was measured more than once: for those who make tables. cost[KEY, 1 to n[KEY]].

function add(key, value) { cost[key, ++n[key]] = value }

# The repetitions of @key, from the least to the most.
function order(key,   i, j, value) {
	for (i = 2; i <= n[key]; i++) {
		value = cost[key, i]
		for (j = i - 1; j && cost[key, j] > value; j--)
			cost[key, j + 1] = cost[key, j]
		cost[key, j + 1] = value
	}
}

function order_all(   key) {
	for (key in n)
		order(key)
}

# Once they are in order.
function median(key) { return cost[key, int((n[key] + 1) / 2)] }
function least(key) { return cost[key, 1] }
function most(key) { return cost[key, n[key]] }

function words(name) {
	gsub("_", " ", name)
	return name
}
