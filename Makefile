# SPDX-License-Identifier: GPL-2.0
# flightrec: the black box for Linux. `make help` lists what can be made.

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:

# Which kernel to build the module for: the running one if its headers are there,
# else the newest one that has any. KERNEL=<release> chooses; KDIR=<dir> says
# where its headers are.
running := $(shell uname -r)
newest_headers := $(patsubst linux-headers-%,%,$(notdir $(lastword \
	$(shell ls -d /usr/src/linux-headers-*-$(shell dpkg --print-architecture 2>/dev/null) 2>/dev/null | sort -V))))
KERNEL ?= $(if $(wildcard /lib/modules/$(running)/build/Makefile),$(running),$(newest_headers))
KDIR ?= $(or $(wildcard /lib/modules/$(KERNEL)/build),/usr/src/linux-headers-$(KERNEL))

top := $(CURDIR)
# COVERAGE=y: with what GCOV counts, in a place of its own (see Kbuild).
build := $(top)/build/$(KERNEL)$(if $(COVERAGE),-coverage)
user := $(top)/build/user

# What has to be installed for which work, as Debian names it.
build_packages := gcc libc6-dev libmicrohttpd-dev
module_packages := linux-headers-amd64
vm_packages := qemu-system-x86 busybox-static cpio kmod
test_packages := g++ libcmocka-dev protobuf-compiler xz-utils iproute2 curl
demo_packages := redis-tools
coverage_packages := gcovr jq
check_packages := spin clang-14 libclang-rt-14-dev flex bison bc libelf-dev \
	perl mmdebstrap \
	debian-archive-keyring gcc-12-aarch64-linux-gnu binutils \
	$(coverage_packages)
native_packages := linux-perf trace-cmd babeltrace2
bench_packages := clang-14 libbpf-dev redis-tools sqlite3 wrk $(native_packages)
uml_packages := flex bison bc libelf-dev kmod patch binutils busybox-static
lint_packages := sparse coccinelle perl clang-format-14 clang-tidy-14 shellcheck \
	libcmocka-dev xz-utils

## Building on a host of your own
all: module user ## the module for the running kernel, and the command
	@echo
	@echo "Built: $(build:$(top)/%=%)/flightrec.ko"
	@echo "       build/user/flightrec"
ifeq ($(KERNEL),$(running))
	@echo "Next:  insmod $(build:$(top)/%=%)/flightrec.ko; build/user/flightrec"
else
	@echo "This is for kernel $(KERNEL): there are no headers for the running one, $(running)."
endif

# Types for BPF (BTF) come with a module where the kernel's headers ask for them,
# but not without the program that makes them.
btf := $(if $(shell command -v pahole),,CONFIG_DEBUG_INFO_BTF_MODULES=)

# One tree serves many kernels: the objects of each are in a directory of links.
module: ## the module alone (KERNEL=<release> for another kernel)
	@if [ -z "$(KERNEL)" ] || [ ! -e "$(KDIR)/Makefile" ]; then \
		echo "No kernel headers for '$(or $(KERNEL),$(running))': apt-get install linux-headers-$(or $(KERNEL),$(running))" >&2; \
		exit 1; \
	fi
	@mkdir -p $(build)
	@find $(build)/module -xtype l -delete 2>/dev/null || true
	@cp -rsf $(top)/module $(build)/
	@ln -sfn $(top)/uapi $(build)/uapi
	@ln -sf $(top)/Kbuild $(build)/Kbuild
	@$(MAKE) -s -C $(KDIR) M=$(build) $(btf) modules

user: ## the command and the library
	@$(MAKE) -s -f userspace/Makefile

install: all ## the module, the command, the manual (DESTDIR, PREFIX)
	install -D -m 644 $(build)/flightrec.ko \
		$(DESTDIR)/lib/modules/$(KERNEL)/extra/flightrec.ko
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(user)/flightrec $(user)/flightrec-serve
	install -D -m 644 uapi/linux/flightrec.h \
		$(DESTDIR)$(PREFIX)/include/linux/flightrec.h
	install -D -m 644 userspace/lib/libflightrec.h \
		$(DESTDIR)$(PREFIX)/include/libflightrec.h
	install -D -m 644 $(user)/libflightrec.a \
		$(DESTDIR)$(PREFIX)/lib/libflightrec.a
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's,/usr/local,$(PREFIX),' userspace/systemd/flightrec-watch.service \
		>$(DESTDIR)$(PREFIX)/lib/systemd/system/flightrec-watch.service
	[ -e $(DESTDIR)/etc/flightrec/watch.conf ] || \
		install -D -m 644 userspace/systemd/watch.conf \
			$(DESTDIR)/etc/flightrec/watch.conf
	@for page in userspace/man/*.[1-8]; do \
		section=$${page##*.}; \
		install -D -m 644 $$page \
			$(DESTDIR)$(PREFIX)/share/man/man$$section/$$(basename $$page); \
	done
	@[ -n "$(DESTDIR)" ] || depmod $(KERNEL)
PREFIX ?= /usr/local

## Trying it without touching this machine's kernel
demo: ## record redis in a virtual machine while its CPU is stolen; leaves out/
	@vm/need $(build_packages) $(module_packages) $(vm_packages) $(demo_packages)
	@$(MAKE) demo-run

bench-quick: ## what an event costs, beside ftrace, in instructions
	@vm/need $(build_packages) $(module_packages) $(vm_packages)
	@$(MAKE) bench-quick-run

bench-native: ## how fast windows are read, beside trace-cmd, perf and babeltrace2
	@vm/need $(build_packages) $(module_packages) $(vm_packages) $(native_packages)
	@$(MAKE) bench-native-run

bench-ns: ## what an event costs, beside ftrace, in nanoseconds (User Mode Linux)
	@vm/need $(build_packages) $(uml_packages)
	@$(MAKE) bench-ns-run

bench-readers: ## what reading a window takes, and what readers cost who is recorded
	@vm/need $(build_packages) $(module_packages) $(vm_packages)
	@$(MAKE) bench-readers-run

bench-wander: ## how much of the tape one busy thread gets that goes from CPU to CPU
	@vm/need $(build_packages) $(module_packages) $(vm_packages)
	@$(MAKE) bench-wander-run

bench: ## all of it, beside perf, LTTng and eBPF, with real programs; writes docs/performance.md
	@vm/need $(build_packages) $(module_packages) $(vm_packages) $(bench_packages) \
		$(uml_packages)
	@$(MAKE) bench-run

## Testing
test: ## everything that is tested; closes with N passed, N failed
	@vm/need $(build_packages) $(module_packages) $(vm_packages) $(test_packages) \
		$(lint_packages) $(demo_packages)
	@$(MAKE) test-run

lint: ## what looks at sources, all clean (.ci/lint --help)
	@vm/need $(build_packages) $(module_packages) $(lint_packages)
	@.ci/lint

check: ## the deep check, takes long; STAGES="model fuzz ..." for some of it
	@vm/need $(build_packages) $(module_packages) $(vm_packages) $(test_packages) $(check_packages)
	@$(MAKE) check-run

coverage: ## which lines run in the tests, of the module and of user space
	@vm/need $(build_packages) $(module_packages) $(vm_packages) $(test_packages) $(check_packages)
	@$(MAKE) coverage-run

# These stand apart because what they build with is there only now, and make
# has looked for the headers already.

demo-run:
	@vm/demo

bench-quick-run:
	@userspace/bench/run --quick

bench-native-run:
	@userspace/bench/native

bench-ns-run:
	@userspace/bench/native-ns/run

bench-readers-run:
	@userspace/bench/readers/run

bench-wander-run:
	@userspace/bench/wander/run

bench-run:
	@userspace/bench/run
	@userspace/bench/readers/run --page
	@userspace/bench/wander/run --page
	@userspace/bench/native

test-run:
	@userspace/tests/run-all

check-run:
	@userspace/tests/check-all $(STAGES)

coverage-run:
	@userspace/tests/coverage/run

examples: ## programs that take their own windows (see examples/)
	@$(MAKE) -s -f userspace/Makefile examples

programs:
	@$(MAKE) -s -f userspace/Makefile all programs

check-user: ## unit tests of user space alone, with sanitizers
	@$(MAKE) -s -f userspace/Makefile check

clean: ## remove what was built here (the cache outside the tree stays)
	rm -rf build out

help: ## this
	@echo "flightrec: keeps the last seconds of chosen processes, for when something goes wrong"
	@awk -F':.*## ' '/^## /{printf "\n%s:\n", substr($$0, 4)} \
		/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "Variables: KERNEL=<release> KDIR=<headers> PREFIX=$(PREFIX) DESTDIR="
	@echo "Cache (kernels, packages): FLIGHTREC_CACHE, else ~/.cache/flightrec"

.PHONY: all module user install demo bench bench-run bench-quick bench-quick-run bench-native bench-native-run bench-ns bench-ns-run bench-readers bench-readers-run bench-wander bench-wander-run test lint check coverage demo-run test-run check-run coverage-run examples programs check-user clean help
