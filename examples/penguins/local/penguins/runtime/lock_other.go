//go:build !unix

package runtime

import "os"

// lockFile does nothing where there are no such locks.
func lockFile(*os.File) error { return nil }

func isLocked(*os.File) bool { return false }
