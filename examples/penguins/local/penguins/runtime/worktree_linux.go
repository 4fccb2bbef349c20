package runtime

import (
	"io/fs"
	"syscall"
)

// hasStamps tells whether there is a fileStamp.
const hasStamps = true

// fileStamp changes whenever a file is changed, however: no program can set the time of the last change of the inode.
type fileStamp struct {
	inode   uint64
	size    int64
	changed syscall.Timespec
}

func stampOf(info fs.FileInfo) fileStamp {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileStamp{}
	}
	return fileStamp{s.Ino, s.Size, s.Ctim}
}
