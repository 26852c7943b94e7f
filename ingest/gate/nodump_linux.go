package gate

import (
	"errors"
	"sync"
	"syscall"
)

// noDump keeps the memory of this process out of core files, for good: the limit of their size stops the kernel's own files, the
// flag also the programs that a kernel hands cores to (core_pattern with a pipe, which no limit stops; core(5), prctl(2)).
var noDump = sync.OnceValue(func() error {
	err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	if _, _, code := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 0, 0); code != 0 {
		return errors.Join(err, code)
	}
	return err
})
