"""What a crash may do, proven: `make test-crash` is the long form, `make test` has a short one."""
