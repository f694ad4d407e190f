"""What a digest is: frozen values of the standard library, and tokens by itsdangerous; no I/O and no clock."""
