// SPDX-License-Identifier: GPL-2.0
/*
 * 32-bit calls, whose numbers mean other calls: first a few by int 0x80 from a
 * 64-bit process, then the process executes a 32-bit program, which is written
 * here and needs nothing of a 32-bit C library.
 *
 *	compat FILE
 *
 * FILE is where the 32-bit program goes. It exits with 33. Prints each 32-bit
 * call, in order; the last ones, which the 32-bit program makes, beforehand.
 * Exits with 77 where the kernel does not run 32-bit programs.
 */
#include <elf.h>
#include <sys/stat.h>

#include "truth.h"

#ifdef __x86_64__

#define BASE	    0x08048000
#define FIRST	    1000000
#define LAST	    1000009
#define EXIT_STATUS 33

/* The 32-bit program: what it does is said again in log_program(). */
__asm__(".pushsection .rodata\n"
	"program_begin:\n"
	".code32\n"
	"	movl $1000000, %esi\n"
	"1:	movl $6, %eax\n" /* close */
	"	movl %esi, %ebx\n"
	"	int $0x80\n"
	"	incl %esi\n"
	"	cmpl $1000010, %esi\n"
	"	jne 1b\n"
	"	movl $180, %eax\n" /* pread64 */
	"	movl $-1, %ebx\n"
	"	movl $0x1000, %ecx\n"
	"	movl $2, %edx\n"
	"	movl $3, %esi\n"
	"	movl $4, %edi\n"
	"	int $0x80\n"
	"	movl $5000, %eax\n" /* no such call */
	"	movl $0xfedcba98, %ebx\n"
	"	movl $2, %ecx\n"
	"	movl $3, %edx\n"
	"	movl $4, %esi\n"
	"	movl $5, %edi\n"
	"	movl $6, %ebp\n"
	"	int $0x80\n"
	"	movl $199, %eax\n" /* getuid */
	"	int $0x80\n"
	"	movl $252, %eax\n" /* exit_group */
	"	movl $33, %ebx\n"
	"	int $0x80\n"
	"	hlt\n"
	".code64\n"
	"program_end:\n"
	".popsection\n");

extern const char program_begin[], program_end[];

static struct truth_log calls;

/* A call by int 0x80, made and logged. */
static void compat_call(const char *name, long nr, unsigned int nargs,
			const uint64_t *args)
{
	struct truth_call *call = truth_prepare(&calls, name, nr, nargs, args);
	long result = nr;

	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"(args[0]), "c"(args[1]), "d"(args[2]),
			   "S"(args[3]), "D"(args[4])
			 : "r8", "r9", "r10", "r11", "memory");
	call->result = (int32_t)result;
}

static void calls_by_interrupt(void)
{
	uint64_t i;

	for (i = 0; i < 5; i++)
		compat_call("compat_close", 6, 1, TRUTH_ARGS(2000000 + i));
	compat_call("compat_close", 6, 1, TRUTH_ARGS(UINT32_MAX));
	compat_call("compat_lseek", 19, 3, TRUTH_ARGS(2000000, 5, 0));
}

static void log_call(const char *name, long nr, unsigned int nargs,
		     const uint64_t *args, int64_t result)
{
	truth_prepare(&calls, name, nr, nargs, args)->result = result;
}

static void log_program(void)
{
	uint64_t i;

	for (i = FIRST; i <= LAST; i++)
		log_call("compat_close", 6, 1, TRUTH_ARGS(i), -EBADF);
	log_call("compat_pread64", 180, 5,
		 TRUTH_ARGS(UINT32_MAX, 0x1000, 2, 3, 4), -EBADF);
	log_call("compat_syscall_5000", 5000, 6,
		 TRUTH_ARGS(0xfedcba98, 2, 3, 4, 5, 6), -ENOSYS);
	log_call("compat_getuid32", 199, 0, TRUTH_ARGS(0), getuid());
}

static void write_program(const char *path)
{
	const uint32_t head = sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr);
	const uint32_t bytes = head + (uint32_t)(program_end - program_begin);
	Elf32_Ehdr elf = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_386,
		.e_version = EV_CURRENT,
		.e_entry = BASE + head,
		.e_phoff = sizeof(Elf32_Ehdr),
		.e_ehsize = sizeof(Elf32_Ehdr),
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = 1,
	};
	Elf32_Phdr segment = {
		.p_type = PT_LOAD,
		.p_vaddr = BASE,
		.p_paddr = BASE,
		.p_filesz = bytes,
		.p_memsz = bytes,
		.p_flags = PF_R | PF_X,
		.p_align = 4096,
	};
	FILE *file = fopen(path, "we");

	TRUTH_MUST(file && fwrite(&elf, sizeof(elf), 1, file) == 1 &&
		   fwrite(&segment, sizeof(segment), 1, file) == 1 &&
		   fwrite(program_begin, bytes - head, 1, file) == 1);
	TRUTH_MUST(!fclose(file) && !chmod(path, 0755));
}

int main(int argc, char **argv)
{
	TRUTH_MUST(argc == 2);
	truth_init();
	write_program(argv[1]);
	truth_begin(&calls);
	calls_by_interrupt();
	truth_end();
	log_program();
	printf("compat tid=%d first=%d last=%d status=%d comm=%s\n", calls.tid,
	       FIRST, LAST, EXIT_STATUS, strrchr(argv[1], '/') + 1);
	truth_print_log(&calls);
	fflush(stdout);
	execv(argv[1], argv);
	return 77;
}

#else

int main(void)
{
	return 77;
}

#endif
