"""What a digest is: frozen values of the standard library only; no I/O and no clock."""
