// Command zenc compiles pipeline specs for Airflow, Argo and one machine.
package main

import (
	"os"
	_ "time/tzdata" // time zones do not depend on the machine
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
